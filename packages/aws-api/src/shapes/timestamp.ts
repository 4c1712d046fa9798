import { InputFault } from './input-fault.ts'
import type { TimestampFormat } from './shape.ts'

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}(\.\d{1,3})? GMT$/
const seconds = /^-?\d{1,15}(\.\d{1,9})?$/

/** Reads one of Smithy's text formats. Throws InputFault. */
export function timestampFromText(text: string, format: TimestampFormat): Date {
  const milliseconds = parse(text, format)
  if (Number.isNaN(milliseconds)) {
    throw new InputFault('malformed', `'${text.slice(0, 64)}' is not a timestamp in ${format} format`)
  }
  return new Date(milliseconds)
}

function parse(text: string, format: TimestampFormat): number {
  switch (format) {
    case 'date-time':
      return dateTime.test(text) ? Date.parse(text) : Number.NaN
    case 'http-date':
      return httpDate.test(text) ? Date.parse(text) : Number.NaN
    case 'epoch-seconds':
      return seconds.test(text) ? new Date(Math.round(Number(text) * 1000)).getTime() : Number.NaN
  }
}

/** Throws TypeError where a handler returned something other than a valid Date. */
export function timestampToText(value: unknown, format: TimestampFormat): string {
  const date = asDate(value)
  switch (format) {
    case 'date-time':
      return date.toISOString()
    case 'http-date':
      return date.toUTCString()
    case 'epoch-seconds':
      return String(date.getTime() / 1000)
  }
}

export function asDate(value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value
  throw new TypeError(`a timestamp must be a valid Date, not ${typeof value}`)
}
