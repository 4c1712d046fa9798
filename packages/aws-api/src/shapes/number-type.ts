import type { NumberType } from './shape.ts'

/** What AWS calls them in its errors. */
export const numberNames: Readonly<Record<NumberType, string>> = {
  any: 'Number',
  double: 'Double',
  integer: 'Integer',
  long: 'Long',
}

const greatestInteger = 2 ** 31 - 1

/** Infinity is what JSON.parse makes of 1e999; integers that a double cannot hold exactly are no longs here. */
export const isOfType = (value: number, type: NumberType): boolean => {
  if (type === 'long') return Number.isSafeInteger(value)
  if (type === 'integer')
    return Number.isInteger(value) && value <= greatestInteger && value >= -greatestInteger - 1
  return Number.isFinite(value)
}
