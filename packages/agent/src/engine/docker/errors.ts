/** Docker's refusals and broken connections, in the engine interface's words. */
import { EngineError, type EngineErrorCode } from '../engine.ts'

const daemonMessage = (body: string): string => {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message)
  } catch {
    // Not JSON: a proxy in front of the engine answered, and its text is the best there is.
  }
  return body.trim()
}

/** The engine itself answers; its containerd has been killed, and another one is not there yet. */
const hasLostContainerd = /(containerd\.sock|transport).*: unavailable$/s

const codeOf = (status: number, message: string): EngineErrorCode => {
  if (status >= 500 && hasLostContainerd.test(message)) return 'unreachable'
  if (status === 404)
    return /no such image|not found: manifest|manifest unknown/i.test(message)
      ? 'noSuchImage'
      : /no such container/i.test(message)
        ? 'noSuchContainer'
        : /no such volume/i.test(message)
          ? 'noSuchVolume'
          : 'failed'
  if (status === 409) {
    if (/is already in use by container/i.test(message)) return 'nameTaken'
    return /is not running/i.test(message) ? 'notRunning' : 'conflict'
  }
  return 'failed'
}

/** As the docker command words it, and with it every ECS reason: "Error response from daemon: …". */
export const errorFromAnswer = (status: number, body: string): EngineError => {
  const message = daemonMessage(body)
  const code = codeOf(status, message)
  const isRetryable = status === 503 || code === 'unreachable'
  return new EngineError(code, `Error response from daemon: ${message}`, isRetryable)
}

/** The connection broke: whether the engine did what it was asked is unknown until it is listed again. */
export const errorFromTransport = (error: unknown): EngineError => {
  if (error instanceof EngineError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new EngineError('unreachable', `Cannot connect to the Docker daemon: ${message}`)
}
