import { AwsError } from '../error.ts'

/** Structures may nest this deep; deeper input is refused before it can exhaust the stack. */
export const deepestNesting = 100

/**
 * Input that the model refuses. `path` is built while the decoders unwind, in AWS's own spelling:
 * `containerDefinitions.1.member.name`.
 */
export class InputFault extends Error {
  readonly kind: 'malformed' | 'invalid'
  readonly path: string[] = []

  constructor(kind: 'malformed' | 'invalid', message: string) {
    super(message)
    this.kind = kind
  }
}

export function within(fault: unknown, ...names: string[]): unknown {
  if (fault instanceof InputFault) fault.path.unshift(...names)
  return fault
}

/** `given` is what the caller sent, in AWS's words or quoted. */
export const notConvertible = (given: string, type: string): InputFault =>
  new InputFault('malformed', `${given} can not be converted to ${type === 'Integer' ? 'an' : 'a'} ${type}`)

export const missing = (name: string): InputFault => {
  const fault = new InputFault('invalid', 'Member must not be null')
  fault.path.push(name)
  return fault
}

/** `value` is shown to the caller, cut to a length that keeps the answer small. */
export function notInEnum(value: string, allowed: ReadonlySet<string>): InputFault {
  const fault = new InputFault('invalid', `Member must satisfy enum value set: [${[...allowed].join(', ')}]`)
  return Object.assign(fault, { value: value.slice(0, 256) })
}

/** The error that the caller sees. `validationCode` is what the service answers to invalid values. */
export function inputError(fault: InputFault, validationCode: string): AwsError {
  const path = fault.path.join('.')
  if (fault.kind === 'malformed') {
    const place = path === '' ? '' : ` (at '${path.slice(0, 256)}')`
    return new AwsError('SerializationException', `${fault.message}${place}`)
  }
  const shown = 'value' in fault ? `'${String(fault.value)}'` : 'null'
  return new AwsError(
    validationCode,
    `1 validation error detected: Value ${shown} at '${path}' failed to satisfy constraint: ${fault.message}`,
  )
}
