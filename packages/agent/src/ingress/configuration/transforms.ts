/** Rewrites of requests, after the rule is chosen (AWS: Transforms for listener rules). */
import type { IngressTransform } from '@berth/model'
import { argument, when, word } from './words.ts'

/** AWS writes `$1` for what a group caught, HAProxy `\1`. */
const replacement = (text: string): string =>
  text.replaceAll('\\', '\\\\').replace(/\$(\d)/g, String.raw`\$1`)

/** A text that the expression does not match stays as it is. */
export const transformLines = (
  transforms: readonly IngressTransform[],
  conditions: readonly string[],
): string[] =>
  transforms.map(({ type, regex, replace }) => {
    const substitution = `regsub(${argument(regex)},${argument(replacement(replace))})`
    return when(
      conditions,
      type === 'url-rewrite'
        ? `http-request set-pathq ${word(`%[pathq,${substitution}]`)}`
        : `http-request set-header Host ${word(`%[req.hdr(host),${substitution}]`)}`,
    )
  })
