import type { IncomingMessage } from 'node:http'

/** More than a function or an authority may answer is not read. */
const longestAnswer = 256 * 1024

/** Rejects when it is too long. */
export const readAnswer = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestAnswer) throw new Error(`The answer is longer than ${longestAnswer} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
