/** The conditions of a rule, as access lists (AWS: Condition types for listener rules). */
import type { IngressCondition } from '@berth/model'
import { type Match, matchOfWildcards, wildcardExpression } from './patterns.ts'
import { fetchOf, word } from './words.ts'

interface Values {
  /** What is looked at, as HAProxy names it. */
  readonly fetch: string
  readonly ignoresCase: boolean
  readonly matches: readonly Match[]
}

const matchesOf = (values: readonly string[], isRegex: boolean): Match[] =>
  values.map(value => (isRegex ? { method: 'reg', pattern: value } : matchOfWildcards(value)))

/** Keys and values are compared as they are in the URL, without regard to case. */
const queryMatch = ({ key, value }: { readonly key?: string; readonly value: string }): Match => {
  const name = key === undefined ? '([^&=]*=)?' : `${wildcardExpression(key, '[^&=]', true)}=`
  return { method: 'reg', pattern: `(^|&)${name}${wildcardExpression(value, '[^&]', true)}(&|$)` }
}

const valuesOf = (condition: Exclude<IngressCondition, { field: 'source-ip' }>): Values => {
  switch (condition.field) {
    case 'host-header':
      return {
        fetch: 'req.hdr(host),host_only',
        ignoresCase: true,
        matches: matchesOf(condition.values, condition.isRegex),
      }
    case 'path-pattern':
      return { fetch: 'path', ignoresCase: false, matches: matchesOf(condition.values, condition.isRegex) }
    case 'http-header':
      return {
        fetch: fetchOf('req.fhdr', condition.name),
        ignoresCase: true,
        matches: matchesOf(condition.values, condition.isRegex),
      }
    case 'http-request-method':
      return {
        fetch: 'method',
        ignoresCase: false,
        matches: condition.values.map(pattern => ({ method: 'str', pattern })),
      }
    case 'query-string':
      return { fetch: 'query', ignoresCase: true, matches: condition.values.map(queryMatch) }
  }
}

/** The lines that define the access list `name`: true when one of the condition's values matches. */
export const conditionLines = (name: string, condition: IngressCondition): string[] => {
  if (condition.field === 'source-ip') return [`acl ${name} src -- ${condition.values.map(word).join(' ')}`]
  const { fetch, ignoresCase, matches } = valuesOf(condition)
  const byMethod = Map.groupBy(matches, ({ method }) => method)
  return [...byMethod].map(([method, ofMethod]) => {
    const patterns = ofMethod.map(({ pattern }) => word(pattern)).join(' ')
    return `acl ${name} ${fetch} ${ignoresCase ? '-i ' : ''}-m ${method} -- ${patterns}`
  })
}
