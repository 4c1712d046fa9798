import { EngineError } from '../engine/engine.ts'

/** A value cannot be had; `message` says why in ECS's words, and never holds a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

interface ServiceFault extends Error {
  /** Of the connection: ECONNREFUSED. */
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
}

const unavailableStatus = 503

/** Nobody answered, or somebody who cannot do so at present. */
const isAway = ({ name, code = '', $metadata }: ServiceFault): boolean =>
  $metadata?.httpStatusCode === undefined
    ? name === 'TimeoutError' || /^E[A-Z]/.test(code)
    : $metadata.httpStatusCode === unavailableStatus

/**
 * What a call's failure means. While the control plane is away, it is asked again when it is back; what it refuses is
 * refused for good.
 */
export const callFailed = (what: string, detail: string, error: unknown): Error => {
  const fault = error as ServiceFault
  const reason = `${detail}${fault.name}: ${fault.message}`
  if (isAway(fault)) return new EngineError('unreachable', `${what}: ${reason}`)
  return refused(what, reason, fault.$metadata?.attempts)
}

/** (AWS: "ResourceInitializationError" in "Amazon ECS stopped tasks error messages") */
export const refused = (what: string, reason: string, attempts = 1): SecretError =>
  new SecretError(
    `execution resource retrieval failed: ${what}: service call has been retried ${attempts} time(s): ${reason}`,
  )
