/** The text of a resolv.conf with Berth's resolver before the others. Pure. */
import { resolverAddress } from '@berth/model'

const begin = '# Berth begins: `berth dns remove` takes this away.'
const end = '# Berth ends.'
const marked = new RegExp(`^${begin}\n(?:.*\n)*?${end}\n`, 'm')

export const hasResolver = (text: string): boolean => marked.test(text)

/** The servers that were there stay behind it, for when the agent is not up. */
export const withResolver = (text: string): string =>
  hasResolver(text) ? text : `${begin}\nnameserver ${resolverAddress}\n${end}\n${text}`

/** What others have changed meanwhile stays. */
export const withoutResolver = (text: string): string => text.replace(marked, '')
