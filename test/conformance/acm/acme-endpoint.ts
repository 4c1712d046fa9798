import {
  type CertificateAndKey,
  issueCertificate,
  makeAuthority,
} from '../../../packages/control-plane/src/certificates/x509.ts'
import type { Performer } from '../../../packages/control-plane/src/control-loop/effects.ts'
import {
  acmeOrders,
  beginValidationKind,
  type ChallengeAnswer,
  completeOrderKind,
  makeAccountKeyKind,
  placeOrderKind,
  type Refusal,
  registerAccountKind,
} from '../../../packages/control-plane/src/services/acm/index.ts'
import { listeners, loadBalancers } from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { AcmEndpoint, loadBalancerArn } from './acm-endpoint.ts'

const url = 'https://authority.test'

/** Says what a test wants, and remembers what it was asked. */
class ScriptedAuthority {
  /** Kinds of effects, in order. */
  readonly asked: string[] = []
  /** By the kind of effect. */
  refusals: Readonly<Record<string, Refusal['refused']>> = {}
  answers: readonly ChallengeAnswer[] = [{ token: 'token', keyAuthorization: 'token.thumbprint' }]
  now = () => 0
  #made = 0
  #authority: CertificateAndKey | undefined

  readonly performers: Readonly<Record<string, Performer>> = {
    [makeAccountKeyKind]: this.#says(makeAccountKeyKind, () => ({
      encryptedPrivateKey: `key ${++this.#made}`,
    })),
    [registerAccountKind]: this.#says(registerAccountKind, () => ({ url: `${url}/account/1` })),
    [placeOrderKind]: this.#says(placeOrderKind, () => ({
      ...{ url: `${url}/order`, finalizeUrl: `${url}/finalize`, authorizationUrls: [] },
      ...{ answers: this.answers, encryptedPrivateKey: 'sealed' },
    })),
    [beginValidationKind]: this.#says(beginValidationKind, () => null),
    [completeOrderKind]: this.#says(completeOrderKind, async () => {
      const now = this.now()
      this.#authority ??= await makeAuthority('Elsewhere', now)
      const names = ['www.example.com']
      const { certificate } = await issueCertificate(this.#authority, names, 'EC_prime256v1', now)
      return { certificate, chain: this.#authority.certificate, encryptedPrivateKey: 'sealed' }
    }),
  }

  #says(kind: string, value: () => unknown): Performer {
    return async () => {
      this.asked.push(kind)
      const refused = this.refusals[kind]
      return refused ? { refused } : value()
    }
  }
}

const minuteMs = 60_000

/** ACM in this process, with an authority of the operator's for all names that the public can have. */
export class AcmeEndpoint extends AcmEndpoint {
  readonly authority: ScriptedAuthority

  private constructor(authority: ScriptedAuthority) {
    const settings = { contact: undefined, externalAccount: undefined, caFile: undefined, domains: [] }
    super({ directoryUrl: `${url}/directory`, ...settings }, authority.performers)
    this.authority = authority
    authority.now = () => this.clock.now()
  }

  static override async start(): Promise<AcmeEndpoint> {
    const endpoint = new AcmeEndpoint(new ScriptedAuthority())
    await endpoint.store.load()
    return endpoint
  }

  /** Lets time pass, and everything be done that is to be meanwhile. */
  async issueUntil(at: number): Promise<void> {
    for (;;) {
      await this.issue()
      const now = this.clock.now()
      if (now >= at) return
      this.clock.advanceTo(Math.min(at, now + this.#step()))
    }
  }

  /** Nothing that a test is about falls between two steps. */
  #step(): number {
    if ([...this.store.all(acmeOrders)].length > 0) return 5_000
    const isPending = [...this.store.all(this.certificates)].some(row => row.status === 'PENDING_VALIDATION')
    return isPending ? minuteMs / 2 : 30 * minuteMs
  }

  /** A host takes a load balancer that speaks HTTP. */
  carry(): void {
    const carried = { containerInstanceArn: 'host', frontAddress: '127.10.0.1', interfaceIds: [] }
    this.store.update(tx => {
      tx.put(loadBalancers, {
        ...{ id: loadBalancerArn, name: 'web', type: 'application', scheme: 'internal', carried },
        ...{ ipAddressType: 'ipv4', vpcId: 'vpc-1', dnsName: 'web.test', zones: [], securityGroupIds: [] },
        ...{ attributes: {}, createdAt: 0, tags: [], state: { code: 'active' } },
      })
      tx.put(listeners, {
        ...{ id: loadBalancerArn.replace('loadbalancer', 'listener').concat('/0000000000000080') },
        ...{ loadBalancerArn, port: 80, protocol: 'HTTP', certificateArns: [], attributes: {}, tags: [] },
      })
    })
  }
}
