import type { Shape } from './shape.ts'
import { timestampToText } from './timestamp.ts'

/** What a header or a path holds of a value. Throws TypeError for what has no form as text. */
export function writeText(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'string':
    case 'number':
    case 'boolean':
      return String(value)
    case 'timestamp':
      return timestampToText(value, shape.format ?? 'http-date')
    default:
      throw new TypeError(`a ${shape.kind} has no form as text`)
  }
}
