import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '../signature/sha256.ts'
import type { BucketPlace, BucketSettings, ObjectName } from './buckets.ts'

/** `unknown`: there is no such object; `refused`: it may not be read; `unavailable`: it may be another time. */
type ObjectErrorReason = 'unknown' | 'refused' | 'too-large' | 'unavailable'

/** The object cannot be had; `message` says why, in ECS's words where it has some. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError'
  readonly reason: ObjectErrorReason

  constructor(reason: ObjectErrorReason, message: string) {
    super(message)
    this.reason = reason
  }
}

export interface ObjectReaderOptions {
  /** Of an object; no more is read. */
  readonly mostBytes: number
  /** Before a service that failed is asked again. */
  readonly wait: (ms: number) => Promise<void>
  /** Of one request. Default: 30 s. */
  readonly timeoutMs?: number
}

/** Rejects with ObjectError. */
export type ReadObject = (object: ObjectName) => Promise<Buffer>

const notFound = ({ bucket, key }: ObjectName): ObjectError =>
  new ObjectError(
    'unknown',
    `operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey: The specified key does not exist: ${bucket}/${key}`,
  )
const tooLarge = ({ bucket, key }: ObjectName, mostBytes: number): ObjectError =>
  new ObjectError('too-large', `the object ${bucket}/${key} is larger than ${mostBytes} bytes`)

/** Part of a path: it must not lead to another one. (AWS: General purpose bucket naming rules, with the older ones' letters) */
const isBucketName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(text)

export const createObjectReader = (settings: BucketSettings, options: ObjectReaderOptions): ReadObject => {
  const { places, directory, service } = settings
  const placesOf = (bucket: string): BucketPlace[] => {
    const own = places.get(bucket)
    if (own) return [own]
    if (!isBucketName(bucket)) return []
    return [
      ...(directory === undefined ? [] : [{ kind: 'directory' as const, path: join(directory, bucket) }]),
      ...(service ? [{ kind: 'service' as const, url: service }] : []),
    ]
  }
  return async object => {
    for (const place of placesOf(object.bucket)) {
      if (place.kind === 'service') return fromService(place.url, settings, options, object)
      const path = await directoryOf(place.path)
      if (path !== undefined) return fromDirectory(path, options, object)
    }
    throw new ObjectError(
      'unknown',
      `operation error S3: GetObject, NoSuchBucket: there is no place for the bucket ${object.bucket}: the operator sets BERTH_S3_BUCKETS, BERTH_S3_DIRECTORY or BERTH_S3_ENDPOINT`,
    )
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const directoryOf = async (path: string): Promise<string | undefined> =>
  realpath(path).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })

/** A key, or a link, never leads out of the bucket's directory. Its files have no versions but S3's `null`. */
const fromDirectory = async (
  directory: string,
  { mostBytes }: ObjectReaderOptions,
  object: ObjectName,
): Promise<Buffer> => {
  if (object.version !== undefined && object.version !== 'null') throw notFound(object)
  try {
    const path = await realpath(join(directory, object.key))
    if (!path.startsWith(directory + sep)) throw notFound(object)
    const found = await stat(path)
    // A pipe would be waited for without end.
    if (!found.isFile()) throw notFound(object)
    if (found.size > mostBytes) throw tooLarge(object, mostBytes)
    return await readFile(path)
  } catch (error) {
    if (error instanceof ObjectError) throw error
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw notFound(object)
    throw new ObjectError('refused', `cannot read ${object.bucket}/${object.key}: ${codeOf(error)}`)
  }
}

/** What a service may answer differently when it is asked again. */
class PassingFault extends Error {}

const usualTimeoutMs = 30_000
const retryDelaysMs = [1_000, 3_000]

const fromService = async (
  service: URL,
  settings: BucketSettings,
  options: ObjectReaderOptions,
  object: ObjectName,
): Promise<Buffer> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(service, settings, options, object)
    } catch (error) {
      if (!(error instanceof PassingFault)) throw error
      const delayMs = retryDelaysMs[attempt - 1]
      if (delayMs === undefined)
        throw new ObjectError(
          'unavailable',
          `service call has been retried ${attempt} time(s): ${error.message}`,
        )
      await options.wait(delayMs)
    }
  }
}

/** Undefined for a key that a URL cannot name: its dots would lead out of the bucket. */
const addressOf = (service: URL, { bucket, key, version }: ObjectName): URL | undefined => {
  const segments = key.split('/')
  if (segments.some(segment => segment === '.' || segment === '..')) return undefined
  const path = [bucket, ...segments].map(encodeURIComponent).join('/')
  const url = new URL(`${service.href.replace(/\/$/, '')}/${path}`)
  if (version !== undefined) url.searchParams.set('versionId', version)
  return url
}

const request = async (
  service: URL,
  settings: BucketSettings,
  { mostBytes, timeoutMs = usualTimeoutMs }: ObjectReaderOptions,
  object: ObjectName,
): Promise<Buffer> => {
  const url = addressOf(service, object)
  if (!url) throw notFound(object)
  const signal = AbortSignal.timeout(timeoutMs)
  const headers = await signed(url, settings)
  try {
    const response = await fetch(url, { headers, signal, redirect: 'manual' })
    if (response.ok) return await bodyOf(response, object, mostBytes)
    await response.body?.cancel()
    throw refusal(response, object)
  } catch (error) {
    if (error instanceof ObjectError || error instanceof PassingFault) throw error
    const { cause, message } = error as Error
    throw new PassingFault(
      `operation error S3: GetObject, ${service.host} does not answer: ${cause ? String(cause) : message}`,
    )
  }
}

const refusal = ({ status, statusText }: Response, object: ObjectName): Error => {
  if (status === 404) return notFound(object)
  const answer = `operation error S3: GetObject, https response error StatusCode: ${status}, api error ${statusText}: ${object.bucket}/${object.key}`
  return status >= 500 || status === 429 ? new PassingFault(answer) : new ObjectError('refused', answer)
}

const bodyOf = async (response: Response, object: ObjectName, mostBytes: number): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > mostBytes) throw tooLarge(object, mostBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const emptyBodyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const signed = async (url: URL, { credentials, region }: BucketSettings): Promise<Record<string, string>> => {
  if (!credentials) return {}
  // S3 alone takes a path as it is, instead of encoding it a second time.
  const signer = new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false })
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, 'x-amz-content-sha256': emptyBodyHash },
  })
  return headers
}
