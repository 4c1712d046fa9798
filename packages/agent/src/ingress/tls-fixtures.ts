/** For tests: certificates of servers and clients, and clients that show some. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request as requestHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { CertificateFact, RevocationPieceFact, TrustStoreFact } from '@berth/model'
import { listenerFact } from './ingress-fixtures.ts'

/** Certificates are slow to make: one authority and two names for all tests of a file. */
const directory = mkdtempSync(join(tmpdir(), 'berth-certificates-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export const pem = (name: string): string => readFileSync(join(directory, name), 'utf8')

/** `NAME.pem` and `NAME.key`; signed by itself, it is an authority. */
export const makeAuthority = (name: string, ...subject: string[]): void => {
  const parts = subject.length > 0 ? subject.join('') : `/CN=${name}`
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    parts,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  )
}

/** Dates as OpenSSL has them: `20200101000000Z`. */
export interface Validity {
  readonly from: string
  readonly to: string
}

const thisYear = new Date().getUTCFullYear()
export const valid: Validity = { from: `${thisYear - 1}0102030405Z`, to: `${thisYear + 1}0607080910Z` }
export const expired: Validity = { from: `${thisYear - 3}0102030405Z`, to: `${thisYear - 2}0607080910Z` }

/** A certification authority's books, as `openssl ca` keeps them. */
const booksOf = (authority: string): string[] => {
  const path = join(directory, `${authority}.cnf`)
  const section = [
    '[ca]',
    'default_ca = books',
    '[books]',
    `database = ${directory}/${authority}.index`,
    `serial = ${directory}/${authority}.serial`,
    `crlnumber = ${directory}/${authority}.crlnumber`,
    `new_certs_dir = ${directory}`,
    'default_md = sha256',
    'policy = any',
    'copy_extensions = copy',
    'unique_subject = no',
    '[any]',
    'organizationName = optional',
    'commonName = supplied',
    '',
  ]
  writeFileSync(path, section.join('\n'))
  return ['-config', path, '-cert', `${authority}.pem`, '-keyfile', `${authority}.key`]
}

const openBooks = (authority: string): void => {
  writeFileSync(join(directory, `${authority}.index`), '', { flag: 'a' })
  for (const counter of ['serial', 'crlnumber'])
    try {
      writeFileSync(join(directory, `${authority}.${counter}`), '03A5B1\n', { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
}

/** `NAME.pem` and `NAME.key`, of a client or a server. */
export const makeCertificate = (
  authority: string,
  name: string,
  { subject = `/CN=${name}`, validity = valid }: { subject?: string; validity?: Validity } = {},
): void => {
  openBooks(authority)
  const names = ['-addext', `subjectAltName=DNS:${name}`]
  openssl('req', ...newKey, '-subj', subject, ...names, '-keyout', `${name}.key`, '-out', `${name}.csr`)
  const times = ['-startdate', validity.from, '-enddate', validity.to]
  const inAndOut = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-notext', '-batch']
  openssl('ca', ...booksOf(authority), ...times, ...inAndOut)
}

/** The authority's list of what it has revoked until now. */
export const makeRevocationList = (authority: string, { from, to }: Validity = valid): string => {
  openBooks(authority)
  const times = ['-crl_lastupdate', from, '-crl_nextupdate', to]
  openssl('ca', ...booksOf(authority), '-gencrl', ...times, '-out', `${authority}.crl`)
  return pem(`${authority}.crl`)
}

export const revoke = (authority: string, name: string): void => {
  openssl('ca', ...booksOf(authority), '-revoke', `${name}.pem`)
}

makeAuthority('ca', '/CN=authority')
for (const name of ['a.test', 'b.test']) makeCertificate('ca', name)

export const certificateFact = (name: string): CertificateFact => {
  const arn = `arn:aws:acm:us-east-1:123456789012:certificate/${name}`
  return {
    key: `certificate/${arn}`,
    kind: 'certificate',
    arn,
    certificate: pem(`${name}.pem`),
    chain: pem('ca.pem'),
    privateKey: pem(`${name}.key`),
  }
}

export const trustStoreArn =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:truststore/t/73e2d6bc24d8a067'

/** The pieces, and behind them the trust store that names them. */
export const trustStoreFacts = (
  certificates: string,
  lists: Readonly<Record<number, string>> = {},
): [...RevocationPieceFact[], TrustStoreFact] => {
  const half = (text: string, index: number) =>
    index === 0 ? text.slice(0, text.length / 2) : text.slice(text.length / 2)
  const pieces = Object.entries(lists).flatMap(([id, text]) =>
    [0, 1].map(
      (index): RevocationPieceFact => ({
        key: `revocation-piece/${trustStoreArn}|${id}|${index}`,
        kind: 'revocation-piece',
        trustStoreArn,
        revocationId: Number(id),
        index,
        text: half(text, index),
      }),
    ),
  )
  const revocations = Object.keys(lists).map(id => ({ id: Number(id), pieceCount: 2 }))
  const key = `trust-store/${trustStoreArn}`
  return [...pieces, { key, kind: 'trust-store', arn: trustStoreArn, certificates, revocations }]
}

export const askHttps = (
  address: string,
  options: Pick<RequestOptions, 'agent' | 'cert' | 'headers' | 'key' | 'servername'>,
): Promise<{ subject: string; body: string }> =>
  new Promise((resolve, reject) => {
    const request = requestHttps(
      { host: address, port: 443, ca: pem('ca.pem'), agent: false, ...options },
      response => {
        const socket = response.socket as TLSSocket
        const { subject } = socket.getPeerCertificate()
        let body = ''
        response.on('data', chunk => {
          body += chunk
        })
        response.on('end', () => resolve({ subject: String(subject.CN), body }))
      },
    )
    request.on('error', reject)
    request.end()
  })

export const encrypted = (changes: Parameters<typeof listenerFact>[1] = {}) =>
  listenerFact(443, {
    protocol: 'HTTPS',
    sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    certificateArns: ['a.test', 'b.test'].map(name => certificateFact(name).arn),
    ...changes,
  })
