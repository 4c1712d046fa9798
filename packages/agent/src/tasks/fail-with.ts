import { isEngineError } from '../engine/engine.ts'

/** An engine that could not be asked is asked again; after anything else it is over, and `failure` says why. */
export const failWith = (error: unknown, failure: Error): never => {
  throw isEngineError(error, 'unreachable') ? error : failure
}
