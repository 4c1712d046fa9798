import { AwsError } from '../error.ts'
import type { HttpRequest } from '../http-message.ts'
import { type SignatureOptions, type Signer, verifySignature } from './verify-signature.ts'

/** The names that a frame's header block may have, as the agent spells them in lower case. */
const frameHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'x-amz-date',
  'x-amz-security-token',
])

/**
 * Verifies one frame of the telemetry session: header lines (CRLF), an empty line, then JSON. The signature covers
 * a GET of the connection's URL with the JSON as body. Returns the JSON text with who signed it.
 * Throws AwsError as verifySignature does, and BadRequestException for a frame of another form.
 */
export function verifySignedFrame(
  frame: string,
  upgrade: Pick<HttpRequest, 'url' | 'sourceAddress'>,
  options: SignatureOptions,
): { readonly message: string; readonly signer: Signer } {
  const end = frame.indexOf('\r\n\r\n')
  if (end < 0)
    throw new AwsError('BadRequestException', 'A telemetry frame needs a header block and an empty line')
  const message = frame.slice(end + 4)
  const request: HttpRequest = {
    method: 'GET',
    url: upgrade.url,
    headers: readHeaderLines(frame.slice(0, end)),
    body: Buffer.from(message, 'utf8'),
    sourceAddress: upgrade.sourceAddress,
  }
  return { message, signer: verifySignature(request, options) }
}

function readHeaderLines(block: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const line of block.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    if (!frameHeaders.has(name) || name in headers) {
      throw new AwsError('BadRequestException', 'A telemetry frame has an unknown or repeated header')
    }
    headers[name] = line.slice(colon + 1).trim()
  }
  return headers
}
