/** Pulls an image; Docker answers 200 at once and tells a later failure inside the stream. */
import { EngineError } from '../engine.ts'
import { errorFromTransport } from './errors.ts'
import type { DockerHttp } from './http.ts'
import { asObject, asText } from './json.ts'

/** Docker pulls every tag of a repository when none is named. */
const pullPath = (image: string): string => {
  const slash = image.lastIndexOf('/')
  const isExact = image.includes('@') || image.indexOf(':', slash) > slash
  return `/images/create?fromImage=${encodeURIComponent(isExact ? image : `${image}:latest`)}`
}

const failureIn = (line: string): string | undefined => {
  const message = asObject(JSON.parse(line))
  return asText(asObject(message['errorDetail'])['message']) || asText(message['error']) || undefined
}

export const pullImage = async (
  http: DockerHttp,
  apiPath: string,
  image: string,
  signal?: AbortSignal,
): Promise<void> => {
  const stream = await http.stream('POST', apiPath + pullPath(image), signal)
  let rest = ''
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const failure = line.trim() === '' ? undefined : failureIn(line)
        if (failure) throw new EngineError('failed', failure)
      }
    }
  } catch (error) {
    throw errorFromTransport(error)
  }
}
