import { EngineError } from '../engine/engine.ts'

/** A value cannot be had; `message` says why in ECS's words, and never holds a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

interface ServiceFault extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
}

/**
 * What a call's failure means. Without an answer the control plane is away, and is asked again when it is back; an
 * answer that refuses is for good.
 */
export const callFailed = (what: string, detail: string, error: unknown): Error => {
  const { name, message, $metadata } = error as ServiceFault
  if ($metadata?.httpStatusCode === undefined)
    return new EngineError('unreachable', `${what}: ${detail}${name}: ${message}`)
  return refused(what, `${detail}${name}: ${message}`, $metadata.attempts)
}

/** (AWS: "ResourceInitializationError" in "Amazon ECS stopped tasks error messages") */
export const refused = (what: string, reason: string, attempts = 1): SecretError =>
  new SecretError(
    `execution resource retrieval failed: ${what}: service call has been retried ${attempts} time(s): ${reason}`,
  )
