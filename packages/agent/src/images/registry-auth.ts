/**
 * The host's own keys of registries, as the official agent takes them.
 * (AWS: "Configuring Amazon ECS container instances for private Docker images")
 */
import { registryOf } from '@berth/model'
import type { RegistryAuth } from '../engine/engine.ts'

/** By registry, or registry and path; without a scheme. */
export type RegistryAuths = ReadonlyMap<string, RegistryAuth>

/** The key under which `docker login` keeps Docker Hub's. */
const dockerHubKey = 'index.docker.io/v1/'

type Entry = Readonly<Record<string, unknown>>

const textOf = (entry: Entry, name: string): string | undefined => {
  const value = entry[name]
  return typeof value === 'string' ? value : undefined
}

/** `docker`: user and password as they are. */
const plainAuth = (entry: Entry): RegistryAuth | undefined => {
  const username = textOf(entry, 'username')
  const password = textOf(entry, 'password')
  return username === undefined || password === undefined ? undefined : { username, password }
}

/** `dockercfg`: what `docker login` writes, `user:password` in base64. */
const encodedAuth = (entry: Entry): RegistryAuth | undefined => {
  const [username, ...password] = Buffer.from(textOf(entry, 'auth') ?? '', 'base64')
    .toString('utf8')
    .split(':')
  return username && password.length > 0 ? { username, password: password.join(':') } : undefined
}

const readers = { docker: plainAuth, dockercfg: encodedAuth }

/** Throws an Error that says what is wrong and shows nothing of the data. */
export const parseRegistryAuths = (type: string, data: string): RegistryAuths => {
  if (type === '') return new Map()
  if (type !== 'docker' && type !== 'dockercfg') throw new Error('the type must be docker or dockercfg')
  let parsed: unknown
  try {
    parsed = JSON.parse(data)
  } catch {
    throw new Error('the data is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Error('the data must be a JSON object whose keys are registries')
  return new Map(
    Object.entries(parsed).map(([registry, entry]) => {
      const auth = readers[type]((entry ?? {}) as Entry)
      if (!auth)
        throw new Error(`the entry of the registry ${registry} has no user and password of type ${type}`)
      return [registry.replace(/^https?:\/\//, ''), auth]
    }),
  )
}

/** The key of the longest path that leads to the image. */
export const authFor = (auths: RegistryAuths, image: string): RegistryAuth | undefined => {
  const registry = registryOf(image)
  if (registry === 'docker.io') return auths.get(dockerHubKey) ?? auths.get(registry)
  const keys = [...auths.keys()].filter(key => {
    const path = key.replace(/\/$/, '')
    return path === registry || (path.startsWith(`${registry}/`) && image.startsWith(`${path}/`))
  })
  const longest = keys.sort((left, right) => right.length - left.length)[0]
  return longest === undefined ? undefined : auths.get(longest)
}
