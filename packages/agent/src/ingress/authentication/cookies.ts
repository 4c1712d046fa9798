/** Cookies of logins: what browsers send, and what they are told to keep. */

/** By name; of two by one name the first, as HAProxy reads them. */
export const cookiesOf = (header: string | undefined): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim())
  }
  return cookies
}

/** Scripts do not read it, and other sites' forms do not send it. */
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax'

export const keptFor = (name: string, value: string, seconds: number): string =>
  `${name}=${value}; Max-Age=${seconds}; ${attributes}`

const forgotten = (name: string): string => `${name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${attributes}`

/** Browsers take 4,096 bytes a cookie, the name among them. (AWS shards them, too) */
const longestShard = 3_800
export const mostShards = 8

export const shardName = (cookieName: string, shard: number): string => `${cookieName}-${shard}`

/** Undefined: there is none. */
export const joinedShards = (
  cookies: ReadonlyMap<string, string>,
  cookieName: string,
): string | undefined => {
  const shards = Array.from({ length: mostShards }, (_, shard) => cookies.get(shardName(cookieName, shard)))
  return shards[0] === undefined ? undefined : shards.join('')
}

/** `sealed` in as many cookies as it takes; those that the browser has besides go. Undefined: it is too long. */
export const sessionCookies = (
  cookieName: string,
  sealed: string,
  seconds: number,
  cookies: ReadonlyMap<string, string>,
): string[] | undefined => {
  const shards = sealed.match(new RegExp(`.{1,${longestShard}}`, 'g')) ?? []
  if (shards.length > mostShards) return undefined
  return [
    ...shards.map((text, shard) => keptFor(shardName(cookieName, shard), text, seconds)),
    ...forgottenShards(cookieName, cookies, shards.length),
  ]
}

/** Those that the browser has, from a shard on. */
export const forgottenShards = (
  cookieName: string,
  cookies: ReadonlyMap<string, string>,
  from = 0,
): string[] =>
  Array.from({ length: mostShards }, (_, shard) => shardName(cookieName, shard))
    .slice(from)
    .filter(name => cookies.has(name))
    .map(forgotten)
