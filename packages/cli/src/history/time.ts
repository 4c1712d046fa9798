import { UsageError } from '../failures.ts'

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `15m`, `2h` or `7d` ago, or a date: `2026-11-01`, `2026-11-01T08:00:00Z`. Throws UsageError. */
export const timeOf = (text: string, now: number): Date => {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const date = new Date(amount === undefined ? text : now - Number(amount) * (units[unit] ?? 0))
  if (Number.isNaN(date.getTime()))
    throw new UsageError(`A time must be like 2h, 7d or 2026-11-01T08:00:00Z, not ${text}.`)
  return date
}
