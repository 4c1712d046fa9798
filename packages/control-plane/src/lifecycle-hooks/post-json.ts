import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface JsonAnswer {
  readonly statusCode: number
  readonly body: string
}

/** More than a function may answer is not read. */
const longestAnswer = 256 * 1024

/** Posts JSON and waits for the answer for as long as the signal lets it: functions may take a quarter of an hour. */
export const postJson = (
  url: string,
  headers: Readonly<Record<string, string>>,
  value: unknown,
  signal: AbortSignal,
): Promise<JsonAnswer> => {
  const body = Buffer.from(JSON.stringify(value))
  const options: RequestOptions = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, 'content-length': body.length },
    signal,
    // A connection of its own: nothing is sent twice because an idle one had died.
    agent: false,
  }
  return new Promise((resolve, reject) => {
    const send = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, options, response => {
      readBody(response).then(text => resolve({ statusCode: response.statusCode ?? 0, body: text }), reject)
    })
    request.once('error', reject)
    request.end(body)
  })
}

const readBody = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestAnswer) throw new Error(`The answer is longer than ${longestAnswer} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
