import type { HookCall, HookTarget } from '../services/ecs/index.ts'
import { LastingError } from './lasting-error.ts'
import { postJson } from './post-json.ts'

/** Answers that say that nobody has worked on it. */
const passing = [408, 429, 502, 503, 504]

/** Sends the event as ECS sends it to a function, and takes what it answers. `id` is the same when it is sent again. */
export const callUrl = async (
  { url, headers }: Extract<HookTarget, { kind: 'url' }>,
  { event }: HookCall,
  id: string,
  signal: AbortSignal,
): Promise<unknown> => {
  const { statusCode, body } = await postJson(url, { ...headers, 'berth-call-id': id }, event, signal)
  if (statusCode >= 200 && statusCode < 300) return parsed(body)
  const problem = `HTTP ${statusCode}: ${body.slice(0, 200)}`
  throw passing.includes(statusCode) ? new Error(problem) : new LastingError(problem)
}

/** What is no JSON has no hookStatus either, and is refused for that. */
const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
