/** Certificates of authorities and their revocation lists, made by openssl: files of an S3 bucket. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectError, type ReadObject } from '@berth/aws-api'

const directory = mkdtempSync(join(tmpdir(), 'berth-authorities-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
const read = (name: string): string => readFileSync(join(directory, name), 'utf8')

const curve = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']

interface CertificateOptions {
  readonly key?: readonly string[]
  readonly options?: readonly string[]
  readonly commonName?: string
}

/** `NAME.pem` and `NAME.key`. */
export const makeCertificate = (
  name: string,
  { key = curve, options = [], commonName = name }: CertificateOptions = {},
): string => {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...key,
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${commonName}`,
    ...files,
    ...options,
  )
  return read(`${name}.pem`)
}

interface ListOptions {
  readonly entryCount?: number
  readonly digest?: string
  readonly isDelta?: boolean
}

const dates = '271231235959Z\t260101000000Z'

/** A list of the authority, with so many entries. */
export const makeList = (
  authority: string,
  { entryCount = 1, digest = 'sha256', isDelta = false }: ListOptions = {},
): string => {
  const entry = (_: unknown, index: number): string =>
    `R\t${dates}\t${(0x10000000 + index).toString(16).toUpperCase()}\tunknown\t/CN=x`
  const entries = Array.from({ length: entryCount }, entry)
  writeFileSync(join(directory, 'index'), entries.map(line => `${line}\n`).join(''))
  writeFileSync(join(directory, 'crlnumber'), '01\n')
  writeFileSync(
    join(directory, 'books.cnf'),
    `[ca]\ndefault_ca=books\n[books]\ndatabase=${directory}/index\ncrlnumber=${directory}/crlnumber\n` +
      `default_crl_days=2\ncrl_extensions=more\n[more]\n${isDelta ? '2.5.29.27=critical,DER:020101\n' : ''}`,
  )
  const signedBy = ['-cert', `${authority}.pem`, '-keyfile', `${authority}.key`, '-md', digest]
  openssl('ca', '-config', 'books.cnf', ...signedBy, '-gencrl', '-out', 'list.pem')
  return read('list.pem')
}

/** A bucket `files` in memory. */
export class Bucket {
  readonly objects = new Map<string, string | ObjectError>()
  readonly read: ReadObject = async ({ bucket, key, version }) => {
    const found = this.objects.get(version === undefined ? key : `${key}?${version}`)
    if (found instanceof ObjectError) throw found
    if (bucket !== 'files' || found === undefined)
      throw new ObjectError('unknown', `NoSuchKey: ${bucket}/${key}`)
    return Buffer.from(found)
  }
}
