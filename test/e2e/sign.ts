import { createHash, createHmac } from 'node:crypto'
import { root } from './berth.ts'

interface Signing {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly service?: string
  readonly accessKey?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

/** Every given header, host and x-amz-date signed by Signature Version 4: for requests that no SDK would send. */
export const sign = (
  url: URL,
  { method = 'POST', headers = {}, body = '', service = 'ecs', accessKey = root }: Signing = {},
): Record<string, string> => {
  const date = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const scope = `${date.slice(0, 8)}/us-east-1/${service}/aws4_request`
  const all: Record<string, string> = { ...headers, host: url.host, 'x-amz-date': date }
  const names = Object.keys(all).toSorted()
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).toSorted()
  const canonical = [
    method,
    url.pathname,
    query.join('&'),
    ...names.map(name => `${name}:${all[name]?.trim()}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n')
  const key = ['us-east-1', service, 'aws4_request'].reduce<Buffer>(
    hmac,
    hmac(`AWS4${accessKey.secretAccessKey}`, date.slice(0, 8)),
  )
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex')
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}
