import type { Kind } from './expression.ts'

/** A value that can be put in order; lists are compared member by member. */
export type Value = string | number | boolean | readonly number[]

/** Reads text as a value of its kind; undefined when it is none. */
export const readValue = (kind: Kind, text: string): Value | undefined => {
  switch (kind) {
    case 'text':
      return text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
    case 'version':
      return /^v?\d+(\.\d+)*$/.test(text) ? text.replace('v', '').split('.').map(Number) : undefined
    case 'date':
      return readDate(text)
  }
}

const datePattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?(Z|([+-])(\d\d):?(\d\d))?)?$/

/** `2018-06-18T22:28:28+00:00`, `…Z`, without an offset (UTC), or the day alone → milliseconds since the epoch. */
const readDate = (text: string): number | undefined => {
  const parts = datePattern.exec(text)
  if (!parts) return undefined
  const number = (index: number): number => Number(parts[index] ?? 0)
  if (number(2) < 1 || number(2) > 12 || number(3) < 1 || number(3) > daysIn(number(1), number(2)))
    return undefined
  if (number(4) > 23 || number(5) > 59 || number(6) > 59) return undefined
  const offset = (number(10) * 60 + number(11)) * (parts[9] === '-' ? -1 : 1)
  const minutes = (daysSinceEpoch(number(1), number(2), number(3)) * 24 + number(4)) * 60 + number(5) - offset
  return (minutes * 60 + number(6)) * 1000 + Number((parts[7] ?? '').padEnd(3, '0'))
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31

const leapDaysBefore = (year: number): number =>
  Math.floor((year - 1) / 4) - Math.floor((year - 1) / 100) + Math.floor((year - 1) / 400)

const daysSinceEpoch = (year: number, month: number, day: number): number => {
  let days = (year - 1970) * 365 + leapDaysBefore(year) - leapDaysBefore(1970) + day - 1
  for (let before = 1; before < month; before++) days += daysIn(year, before)
  return days
}
