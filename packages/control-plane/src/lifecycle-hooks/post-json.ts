import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { readAnswer } from '../read-answer.ts'

export interface JsonAnswer {
  readonly statusCode: number
  readonly body: string
}

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
      readAnswer(response).then(text => resolve({ statusCode: response.statusCode ?? 0, body: text }), reject)
    })
    request.once('error', reject)
    request.end(body)
  })
}
