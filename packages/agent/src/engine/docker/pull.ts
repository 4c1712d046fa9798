/** Pulls an image; Docker answers 200 at once and tells a later failure inside the stream. */
import { parseImageReference } from '@berth/model'
import type { Cancel, Clock } from '../../clock.ts'
import { EngineError, type PullOptions, type PullPatience, type RegistryAuth } from '../engine.ts'
import { errorFromTransport } from './errors.ts'
import type { DockerHttp } from './http.ts'
import { asObject, asText } from './json.ts'
import { createLayers } from './pull-layers.ts'

/** Docker pulls every tag of a repository when none is named. */
const pullPath = (image: string): string => {
  const { tag, digest } = parseImageReference(image)
  const exact = tag === undefined && digest === undefined ? `${image}:latest` : image
  return `/images/create?fromImage=${encodeURIComponent(exact)}`
}

/** As the official agent's defaults. */
const defaultPatience: PullPatience = { beginMs: 5 * 60_000, inactivityMs: 60_000 }

/** Aborts its signal when `progress` is not called for too long. */
const watchProgress = (clock: Clock, { beginMs, inactivityMs }: PullPatience) => {
  const controller = new AbortController()
  const expect = (withinMs: number): Cancel =>
    clock.after(withinMs, () =>
      controller.abort(
        new EngineError('timedOut', 'inactivity time exceeded timeout while pulling image', true),
      ),
    )
  let cancel = expect(beginMs)
  return {
    signal: controller.signal,
    progress: () => {
      cancel()
      cancel = expect(inactivityMs)
    },
    end: () => cancel(),
  }
}

const failureIn = (message: Readonly<Record<string, unknown>>): string | undefined =>
  asText(asObject(message['errorDetail'])['message']) || asText(message['error']) || undefined

const readMessages = async function* (stream: AsyncIterable<Buffer>) {
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield asObject(JSON.parse(line))
  }
}

/** Base64 for URLs, with the padding that Docker asks for and Node leaves out. */
const authHeader = (auth: RegistryAuth | undefined): Record<string, string> => {
  if (!auth) return {}
  const encoded = Buffer.from(JSON.stringify(auth)).toString('base64')
  return { 'x-registry-auth': encoded.replaceAll('+', '-').replaceAll('/', '_') }
}

export const pullImage = async (
  http: DockerHttp,
  apiPath: string,
  image: string,
  clock: Clock,
  { auth, patience = defaultPatience, onProgress }: PullOptions,
): Promise<{ readonly digest?: string }> => {
  const { signal, progress, end } = watchProgress(clock, patience)
  const layers = createLayers()
  let digest: string | undefined
  try {
    const stream = await http.stream('POST', apiPath + pullPath(image), signal, authHeader(auth))
    for await (const message of readMessages(stream)) {
      progress()
      const failure = failureIn(message)
      if (failure) throw new EngineError('failed', failure)
      digest ??= /^Digest: (sha256:[0-9a-f]+)$/.exec(asText(message['status']))?.[1]
      if (layers.note(message)) onProgress?.(layers.progress())
    }
  } catch (error) {
    throw errorFromTransport(signal.aborted ? signal.reason : error)
  } finally {
    end()
  }
  return digest === undefined ? {} : { digest }
}
