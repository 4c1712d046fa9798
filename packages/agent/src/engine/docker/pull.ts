/** Pulls an image; Docker answers 200 at once and tells a later failure inside the stream. */
import type { Cancel, Clock } from '../../clock.ts'
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

/** As the official agent: for the first word of a pull, and then between any two. */
const beginPatienceMs = 5 * 60_000
const inactivityPatienceMs = 60_000

/** Aborts its signal when `progress` is not called for too long. */
const watchProgress = (clock: Clock) => {
  const controller = new AbortController()
  const expect = (withinMs: number): Cancel =>
    clock.after(withinMs, () =>
      controller.abort(
        new EngineError('timedOut', 'inactivity time exceeded timeout while pulling image', true),
      ),
    )
  let cancel = expect(beginPatienceMs)
  return {
    signal: controller.signal,
    progress: () => {
      cancel()
      cancel = expect(inactivityPatienceMs)
    },
    end: () => cancel(),
  }
}

const readToEnd = async (stream: AsyncIterable<Buffer>, progress: () => void): Promise<void> => {
  let rest = ''
  for await (const chunk of stream) {
    progress()
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const failure = line.trim() === '' ? undefined : failureIn(line)
      if (failure) throw new EngineError('failed', failure)
    }
  }
}

export const pullImage = async (
  http: DockerHttp,
  apiPath: string,
  image: string,
  clock: Clock,
): Promise<void> => {
  const { signal, progress, end } = watchProgress(clock)
  try {
    await readToEnd(await http.stream('POST', apiPath + pullPath(image), signal), progress)
  } catch (error) {
    throw errorFromTransport(signal.aborted ? signal.reason : error)
  } finally {
    end()
  }
}
