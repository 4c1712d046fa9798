import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Clock } from '../clock.ts'
import { Sha256 } from '../sha256.ts'
import type { BucketPlace, BucketSettings, ObjectName } from './buckets.ts'

/** More than any container's environment can hold. */
const mostBytes = 1024 * 1024
const requestTimeoutMs = 30_000

/** The object cannot be had; `message` says why, in ECS's words where it has some. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError'
}

/** Rejects with ObjectError. */
export type ReadObject = (object: ObjectName) => Promise<Buffer>

const notFound = ({ bucket, key }: ObjectName): ObjectError =>
  new ObjectError(
    `operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey: The specified key does not exist: ${bucket}/${key}`,
  )
const tooLarge = ({ bucket, key }: ObjectName): ObjectError =>
  new ObjectError(`the object ${bucket}/${key} is larger than ${mostBytes} bytes`)

export const createObjectReader = (settings: BucketSettings, clock: Clock): ReadObject => {
  const { places, directory, service } = settings
  const placesOf = (bucket: string): BucketPlace[] => {
    const own = places.get(bucket)
    if (own) return [own]
    return [
      ...(directory === undefined ? [] : [{ kind: 'directory' as const, path: join(directory, bucket) }]),
      ...(service ? [{ kind: 'service' as const, url: service }] : []),
    ]
  }
  return async object => {
    for (const place of placesOf(object.bucket)) {
      if (place.kind === 'service') return fromService(place.url, settings, clock, object)
      const path = await directoryOf(place.path)
      if (path !== undefined) return fromDirectory(path, object)
    }
    throw new ObjectError(
      `operation error S3: GetObject, NoSuchBucket: this host has no place for the bucket ${object.bucket}: its operator sets BERTH_S3_BUCKETS, BERTH_S3_DIRECTORY or BERTH_S3_ENDPOINT`,
    )
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const directoryOf = async (path: string): Promise<string | undefined> =>
  realpath(path).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })

/** A key, or a link, never leads out of the bucket's directory. */
const fromDirectory = async (directory: string, object: ObjectName): Promise<Buffer> => {
  try {
    const path = await realpath(join(directory, object.key))
    if (!path.startsWith(directory + sep)) throw notFound(object)
    const found = await stat(path)
    // A pipe would be waited for without end.
    if (!found.isFile()) throw notFound(object)
    if (found.size > mostBytes) throw tooLarge(object)
    return await readFile(path)
  } catch (error) {
    if (error instanceof ObjectError) throw error
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw notFound(object)
    throw new ObjectError(`cannot read ${object.bucket}/${object.key}: ${codeOf(error)}`)
  }
}

/** What a service may answer differently when it is asked again. */
class PassingFault extends Error {}

const retryDelaysMs = [1_000, 3_000]

const fromService = async (
  service: URL,
  settings: BucketSettings,
  clock: Clock,
  object: ObjectName,
): Promise<Buffer> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(service, settings, object)
    } catch (error) {
      if (!(error instanceof PassingFault)) throw error
      const delayMs = retryDelaysMs[attempt - 1]
      if (delayMs === undefined)
        throw new ObjectError(`service call has been retried ${attempt} time(s): ${error.message}`)
      await new Promise<void>(resolve => clock.after(delayMs, resolve))
    }
  }
}

/** Undefined for a key that a URL cannot name: its dots would lead out of the bucket. */
const addressOf = (service: URL, { bucket, key }: ObjectName): URL | undefined => {
  const segments = key.split('/')
  if (segments.some(segment => segment === '.' || segment === '..')) return undefined
  const path = [bucket, ...segments].map(encodeURIComponent).join('/')
  return new URL(`${service.href.replace(/\/$/, '')}/${path}`)
}

const request = async (service: URL, settings: BucketSettings, object: ObjectName): Promise<Buffer> => {
  const url = addressOf(service, object)
  if (!url) throw notFound(object)
  const signal = AbortSignal.timeout(requestTimeoutMs)
  const headers = await signed(url, settings)
  try {
    const response = await fetch(url, { headers, signal, redirect: 'manual' })
    if (response.ok) return await bodyOf(response, object)
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
  return status >= 500 || status === 429 ? new PassingFault(answer) : new ObjectError(answer)
}

const bodyOf = async (response: Response, object: ObjectName): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > mostBytes) throw tooLarge(object)
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
    headers: { host: url.host, 'x-amz-content-sha256': emptyBodyHash },
  })
  return headers
}
