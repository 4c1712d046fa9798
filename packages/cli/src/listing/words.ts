/** `arn:…/web:3` → `web:3`; a task's ARN → its id. */
export const shortName = (arn: string | undefined): string =>
  arn === undefined ? '-' : arn.slice(arn.lastIndexOf('/') + 1)

const units: readonly [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
]

/** How long ago, in the largest unit that fits: `3m`. */
export const age = (since: Date | undefined, now: number): string => {
  if (since === undefined) return '-'
  const seconds = Math.max(0, Math.round((now - since.getTime()) / 1_000))
  const unit = units.find(([, size]) => seconds >= size)
  return unit === undefined ? `${seconds}s` : `${Math.floor(seconds / unit[1])}${unit[0]}`
}

/** `service:web` → `web`; `family:job` → `job (task)`. */
export const ownerOf = (group: string | undefined): string => {
  if (group === undefined) return '-'
  const [kind, ...name] = group.split(':')
  return kind === 'service' ? name.join(':') : `${name.join(':') || group} (task)`
}
