/** How HAProxy reads its configuration: words, quotes, and the texts with `%` that it fills in per request. */
import { lastSegment } from '@berth/model'

const plainWord = /^[A-Za-z0-9_.:/,=@+-]+$/
const printable = /^[\x20-\x7e]*$/

/** One word, whatever is in it. */
export const word = (text: string): string => {
  if (plainWord.test(text)) return text
  if (printable.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  return [...Buffer.from(text, 'utf8')].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}

/** Text that stands for itself where HAProxy fills in what is behind a `%`. */
export const literal = (text: string): string => text.replaceAll('%', '%%')

/** An argument of a converter, such as `regsub('…','…')`: it is read as a shell reads a word in quotes. */
export const argument = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** A fetch of what has a name that others chose, such as `req.cook('…')`: a header's or cookie's may have quotes and `#` in it. */
export const fetchOf = (method: string, name: string): string => word(`${method}(${argument(name)})`)

/** `targetgroup.web.73e2d6bc24d8a067`: the name of a section, unique because ARNs end in a random number. */
export const sectionName = (arn: string): string => (arn.split(':').at(-1) ?? arn).replaceAll('/', '.')

/** Where traffic goes when too few targets of a group are healthy: to all of them, whatever their checks say. */
export const openSectionName = (arn: string): string => `${sectionName(arn)}.open`

/** What a cookie calls a target group: the random end of its ARN. */
export const cookieValueOf = (arn: string): string => lastSegment(arn)

export const isOn = (attributes: Readonly<Record<string, string>>, name: string, fallback = false): boolean =>
  (attributes[name] ?? String(fallback)) === 'true'

/** Of an attribute that is a whole number. */
export const numberOf = (
  attributes: Readonly<Record<string, string>>,
  name: string,
  fallback: number,
): number => {
  const value = Number(attributes[name] ?? '')
  return attributes[name] !== undefined && Number.isInteger(value) && value >= 0 ? value : fallback
}

/** A line that counts only when all of the conditions hold. */
export const when = (conditions: readonly string[], line: string): string =>
  conditions.length === 0 ? line : `${line} if ${conditions.join(' ')}`
