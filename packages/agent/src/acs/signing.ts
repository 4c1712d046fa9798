/** SigV4 as the official agent has it: on the upgrade requests, and on each frame of telemetry; frames of ACS travel unsigned. */
import { Sha256 } from '@berth/aws-api'
import { SignatureV4 } from '@smithy/signature-v4'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const signGet = async (
  url: URL,
  region: string,
  credentials: AwsCredentials,
  now: number,
  body: string,
): Promise<Record<string, string>> => {
  const signer = new SignatureV4({
    service: 'ecs',
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = await signer.sign(
    {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
      body,
    },
    { signingDate: new Date(now) },
  )
  return signed.headers
}

/** The headers that authenticate `GET url`, over the hash of an empty body. */
export const signUpgrade = (
  url: URL,
  region: string,
  credentials: AwsCredentials,
  now: number,
): Promise<Record<string, string>> => signGet(url, region, credentials, now, '')

const frameHeaders = ['authorization', 'host', 'x-amz-date', 'x-amz-security-token']

/** A frame of the telemetry session of `url`: the headers that authenticate its JSON, an empty line, and the JSON. */
export const signFrame = async (
  url: URL,
  region: string,
  credentials: AwsCredentials,
  now: number,
  json: string,
): Promise<string> => {
  const headers = await signGet(url, region, credentials, now, json)
  const lines = frameHeaders.flatMap(name =>
    headers[name] === undefined ? [] : [`${name}: ${headers[name]}`],
  )
  return [...lines, '', json].join('\r\n')
}
