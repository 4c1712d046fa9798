import { ACM, type CertificateDetail } from '@aws-sdk/client-acm'
import { BerthClient } from '@berth/client'
import { certificatePerformers } from '../../../packages/control-plane/src/certificates/performers.ts'
import {
  type CertificateAndKey,
  issueCertificate,
  makeAuthority,
} from '../../../packages/control-plane/src/certificates/x509.ts'
import type { Performer } from '../../../packages/control-plane/src/control-loop/effects.ts'
import { effects } from '../../../packages/control-plane/src/control-loop/effects-table.ts'
import { createEncryption } from '../../../packages/control-plane/src/encryption/encryption.ts'
import {
  type AcmeSettings,
  canServeCertificate,
  certificates,
  createAcmService,
  type KeyAlgorithm,
  type ServedCertificate,
  servedCertificate,
} from '../../../packages/control-plane/src/services/acm/index.ts'
import { berthService } from '../../../packages/control-plane/src/services/berth/index.ts'
import {
  certificateUses,
  createElbv2Service,
  type ListenerRow,
  listeners,
} from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { ServiceEndpoint } from '../service-endpoint.ts'

const encryption = createEncryption(Buffer.alloc(32, 7))

export const loadBalancerArn =
  'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/0123456789abcdef'

/** ACM in this process, with Berth's own authority. */
export class AcmEndpoint extends ServiceEndpoint {
  readonly acm: ACM
  readonly own: BerthClient
  readonly certificates = certificates
  readonly #performers: Readonly<Record<string, Performer>>

  /** With the operator's authority, and who acts for it; else with Berth's alone. */
  protected constructor(acme?: AcmeSettings, others: Readonly<Record<string, Performer>> = {}) {
    super([
      createAcmService({ encryption, uses: certificateUses, acme }),
      {
        ...createElbv2Service({ encryption, isInstance: () => false, canServe: canServeCertificate }),
        reconcilers: [],
      },
      berthService,
    ])
    this.acm = new ACM(this.clientOptions())
    this.own = new BerthClient(this.clientOptions())
    const { store, clock } = this
    this.#performers = {
      ...certificatePerformers({ store, encryption, now: () => clock.now() }),
      ...others,
    }
  }

  static async start(): Promise<AcmEndpoint> {
    const endpoint = new AcmEndpoint()
    await endpoint.store.load()
    return endpoint
  }

  /** Its ARN. */
  async request(more: object = {}): Promise<string> {
    const input = { DomainName: 'www.example.com', ValidationMethod: 'DNS', ...more } as const
    const { CertificateArn = '' } = await this.acm.requestCertificate(input)
    return CertificateArn
  }

  async described(CertificateArn: string): Promise<CertificateDetail | undefined> {
    return (await this.acm.describeCertificate({ CertificateArn })).Certificate
  }

  /** Lets everything be issued that is to be. With `error`, the authority fails. */
  async issue(error?: string): Promise<void> {
    this.settle()
    for (;;) {
      const row = [...this.store.where(effects, 'byState', 'open')].find(
        ({ notBefore }) => notBefore <= this.clock.now(),
      )
      if (!row) return
      const { id, request, attempt, kind } = row
      const { signal } = new AbortController()
      const value = error ?? (await this.#performers[kind]?.({ id, request, attempt, signal }))
      const result = error === undefined ? { outcome: 'done', value } : { outcome: 'failed', error }
      this.store.update(tx => tx.put(effects, { ...row, result } as typeof row))
      this.settle()
    }
  }

  /** A listener with the certificate, or none any more. */
  use(certificateArn: string | undefined): void {
    const id = loadBalancerArn.replace('loadbalancer', 'listener').concat('/fedcba9876543210')
    const row: ListenerRow = {
      id,
      loadBalancerArn,
      port: 443,
      protocol: 'HTTPS',
      certificateArns: certificateArn ? [certificateArn] : [],
      attributes: {},
      tags: [],
    }
    this.store.update(tx => (certificateArn ? tx.put(listeners, row) : tx.delete(listeners, id)))
    this.settle()
  }

  served(certificateArn: string): ServedCertificate | undefined {
    return servedCertificate(this.store, encryption, certificateArn)
  }

  /** Somebody else's authority, which issues certificates to be imported. */
  async elsewhere(
    algorithm: KeyAlgorithm = 'RSA_2048',
    names = ['www.example.com', '*.example.com'],
    at = 0,
  ) {
    const now = this.clock.now() + at
    const authority = await makeAuthority('Elsewhere', now)
    return { authority, issued: await issueCertificate(authority, names, algorithm, now) }
  }
}

export const bytes = (text: string): Uint8Array => Buffer.from(text)

export const importable = (issued: CertificateAndKey, authority?: CertificateAndKey) => ({
  Certificate: bytes(issued.certificate),
  PrivateKey: bytes(issued.privateKey),
  ...(authority && { CertificateChain: bytes(authority.certificate) }),
})

export const dayMs = 86_400_000

/** `Code: message` of a refusal. */
export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
