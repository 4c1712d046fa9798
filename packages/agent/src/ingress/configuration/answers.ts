/** What a load balancer answers by itself (AWS: Action types for listener rules). */
import type { IngressAction, ListenerFact } from '@berth/model'
import { literal, when, word } from './words.ts'

type Redirect = Extract<IngressAction, { type: 'redirect' }>
type FixedResponse = Extract<IngressAction, { type: 'fixed-response' }>

/** `#{…}` stands for what the request has. */
const filledIn = (template: string, listener: ListenerFact): string => {
  const parts: Readonly<Record<string, string>> = {
    '#{protocol}': listener.protocol.toLowerCase(),
    '#{host}': '%[req.hdr(host),host_only]',
    '#{port}': String(listener.port),
    '#{path}': '%[path,bytes(1)]',
    '#{query}': '%[query]',
  }
  return template
    .split(/(#\{(?:protocol|host|port|path|query)\})/)
    .map(part => parts[part] ?? literal(part))
    .join('')
}

/** A query that is empty leaves no question mark behind. */
export const redirectLines = (
  action: Redirect,
  listener: ListenerFact,
  conditions: readonly string[],
): string[] => {
  const { statusCode, query } = action
  const protocol = filledIn(action.protocol, listener).toLowerCase()
  const place = `${protocol}://${filledIn(action.host, listener)}:${filledIn(action.port, listener)}`
  const location = `${place}${filledIn(action.path, listener)}`
  const redirect = (to: string) => `http-request redirect location ${word(to)} code ${statusCode}`
  const withQuery = redirect(`${location}?${filledIn(query, listener)}`)
  if (query === '') return [when(conditions, redirect(location))]
  if (query !== '#{query}') return [when(conditions, withQuery)]
  return [when([...conditions, '{ query -m len gt 0 }'], withQuery), when(conditions, redirect(location))]
}

export const fixedResponseLine = (
  { statusCode, contentType, body }: FixedResponse,
  conditions: readonly string[],
): string => {
  const content = body === '' ? '' : ` content-type ${word(contentType ?? 'text/plain')} string ${word(body)}`
  return when(conditions, `http-request return status ${statusCode}${content}`)
}
