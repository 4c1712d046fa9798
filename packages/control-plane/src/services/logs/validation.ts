import { constraint, invalidParameter } from './errors.ts'

const checkLength = (member: string, value: string, max: number): void => {
  if (value.length < 1) throw constraint(member, value, 'have length greater than or equal to 1')
  if (value.length > max) throw constraint(member, value, `have length less than or equal to ${max}`)
}

export const checkGroupName = (name: string, member = 'logGroupName'): void => {
  checkLength(member, name, 512)
  if (!/^[.\-_/#A-Za-z0-9]+$/.test(name))
    throw constraint(member, name, 'satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+')
}

export const checkStreamName = (name: string, member = 'logStreamName'): void => {
  checkLength(member, name, 512)
  if (/[:*]/.test(name)) throw constraint(member, name, 'satisfy regular expression pattern: [^:*]*')
}

/** The page size that was asked for, or the greatest. */
export const pageSize = (limit: number | undefined, max: number): number => {
  if (limit === undefined) return max
  if (limit < 1) throw constraint('limit', limit, 'have value greater than or equal to 1')
  if (limit > max) throw constraint('limit', limit, `have value less than or equal to ${max}`)
  return limit
}

const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

export const checkRetention = (days: number): void => {
  if (!retentions.includes(days))
    throw constraint('retentionInDays', days, `satisfy enum value set: [${retentions.join(', ')}]`)
}

export const checkTags = (tags: Readonly<Record<string, string>>): void => {
  for (const [key, value] of Object.entries(tags)) {
    const isValid = (text: string): boolean => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text)
    if (key.length < 1 || key.length > 128 || !isValid(key))
      throw invalidParameter(`Invalid tag key '${key}'.`)
    if (value.length > 256 || !isValid(value)) throw invalidParameter(`Invalid value of the tag '${key}'.`)
    if (key.toLowerCase().startsWith('aws:'))
      throw invalidParameter(`aws: prefixed tag key names are not allowed for external use.`)
  }
}
