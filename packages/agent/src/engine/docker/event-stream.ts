/** Docker's event stream, kept open: after every reconnect the listener is told, because nothing is replayed. */
import type { Clock } from '../../clock.ts'
import type { EngineEvent, EngineListener, EventContainer } from '../engine.ts'
import { errorFromTransport } from './errors.ts'
import type { DockerHttp } from './http.ts'
import { asLabels, asObject, asText, type Json } from './json.ts'
import { healthOf } from './views.ts'

const firstRetryMs = 50
const lastRetryMs = 2_000

const containerOf = (actor: Json): EventContainer => {
  const attributes = asLabels(actor['Attributes'])
  return { id: asText(actor['ID']), name: attributes['name'] ?? '', labels: attributes }
}

/** Undefined for what the agent does not follow. Docker writes labels and its own attributes into one map. */
export const engineEvent = (line: string): EngineEvent | 'imagesChanged' | undefined => {
  const event = asObject(JSON.parse(line))
  if (event['Type'] === 'image') return 'imagesChanged'
  const actor = asObject(event['Actor'])
  const container = containerOf(actor)
  const at = Math.floor(Number(event['timeNano'] ?? 0) / 1e6)
  const action = asText(event['Action'])
  switch (action) {
    case 'start':
      return { type: 'started', container, at }
    case 'die':
      return { type: 'exited', container, at, exitCode: Number(container.labels['exitCode'] ?? 0) }
    case 'oom':
      return { type: 'outOfMemory', container, at }
    case 'destroy':
      return { type: 'removed', container, at }
  }
  const health = action.startsWith('health_status: ') && healthOf(action.slice('health_status: '.length))
  return health ? { type: 'health', container, at, health } : undefined
}

const eventsPath = (): string => {
  const filters = {
    event: [
      'start',
      'die',
      'oom',
      'destroy',
      'health_status',
      'tag',
      'untag',
      'delete',
      'pull',
      'import',
      'load',
    ],
    type: ['container', 'image'],
  }
  // Docker would apply a label filter to images as well: containers without the label are left out here instead.
  return `/events?filters=${encodeURIComponent(JSON.stringify(filters))}`
}

const dispatch = (line: string, label: string, listener: EngineListener): void => {
  const event = engineEvent(line)
  if (event === 'imagesChanged') listener.imagesChanged()
  else if (event && label in event.container.labels) listener.event(event)
}

const readLines = async (stream: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> => {
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') onLine(line)
  }
}

export const watchEvents = (
  http: DockerHttp,
  apiPath: () => Promise<string>,
  clock: Clock,
  label: string,
  listener: EngineListener,
): (() => void) => {
  const stopped = new AbortController()
  let retryMs = firstRetryMs
  let isOutageTold = false
  const follow = async (): Promise<void> => {
    let reason = 'the event stream ended'
    try {
      const stream = await http.stream('GET', (await apiPath()) + eventsPath(), stopped.signal)
      retryMs = firstRetryMs
      isOutageTold = false
      listener.connected()
      await readLines(stream, line => dispatch(line, label, listener))
    } catch (error) {
      reason = errorFromTransport(error).message
    }
    if (stopped.signal.aborted) return
    if (!isOutageTold) listener.disconnected(reason)
    isOutageTold = true
    clock.after(retryMs, () => void follow())
    retryMs = Math.min(retryMs * 2, lastRetryMs)
  }
  void follow()
  return () => stopped.abort()
}
