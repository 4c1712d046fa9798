import { InputFault, notConvertible, notInEnum } from './input-fault.ts'
import { isOfType, numberNames } from './number-type.ts'
import type { EnumValues, NumberType, Shape } from './shape.ts'
import { timestampFromText } from './timestamp.ts'

const number = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/

/** A value that a form, a path, a query or a header holds as text. Throws InputFault. */
export function readText(shape: Shape, text: string, allowed: EnumValues | undefined): unknown {
  switch (shape.kind) {
    case 'string':
      if (allowed && !allowed.has(text)) throw notInEnum(text, allowed)
      return text
    case 'number':
      return readNumber(text, shape.type)
    case 'boolean':
      return readBoolean(text)
    case 'timestamp':
      return timestampFromText(text, shape.format ?? 'date-time')
    default:
      throw new InputFault('malformed', `A ${shape.kind} has no form as text`)
  }
}

function readNumber(text: string, type: NumberType): number {
  const value = number.test(text) ? Number(text) : Number.NaN
  if (!isOfType(value, type)) throw notA(numberNames[type], text)
  return value
}

function readBoolean(text: string): boolean {
  const lower = text.toLowerCase()
  if (lower === 'true') return true
  if (lower === 'false') return false
  throw notA('Boolean', text)
}

function notA(type: string, text: string): InputFault {
  return notConvertible(`'${text.slice(0, 64)}'`, type)
}
