/** SigV4 on the upgrade request alone: frames travel unsigned, as in the official agent. */
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '../sha256.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** The headers that authenticate `GET url`, over the hash of an empty body. */
export const signUpgrade = async (
  url: URL,
  region: string,
  credentials: AwsCredentials,
  now: number,
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
    },
    { signingDate: new Date(now) },
  )
  return signed.headers
}
