/** Programs of the host, run on network namespaces. */
import type { RunCommand } from '../metadata/index.ts'
import { namespacePath } from './names.ts'

export interface Namespaces {
  /** Those with the prefix. */
  list(prefix: string): Promise<string[]>
  /** Nothing happens when there is one. */
  add(name: string): Promise<void>
  /** With everything in it. Nothing happens when there is none. */
  remove(name: string): Promise<void>
}

export const createNamespaces = (run: RunCommand): Namespaces => {
  const list = async (prefix: string): Promise<string[]> => {
    const printed = await run('ip', ['netns', 'list'])
    return printed.split('\n').flatMap(line => {
      const [name = ''] = line.split(' ')
      return name.startsWith(prefix) ? [name] : []
    })
  }
  const has = async (name: string): Promise<boolean> => (await list(name)).includes(name)
  return {
    list,
    add: async name => {
      if (!(await has(name))) await run('ip', ['netns', 'add', name])
    },
    remove: async name => {
      if (await has(name)) await run('ip', ['netns', 'delete', name])
    },
  }
}

/** What is done within one namespace. */
export interface Within {
  /** Lines as `ip` takes them. Rejects at the first that fails. */
  ip(lines: readonly string[]): Promise<void>
  /** What `ip` prints as JSON. */
  read(...args: readonly string[]): Promise<readonly unknown[]>
  bridge(lines: readonly string[]): Promise<void>
  readBridge(...args: readonly string[]): Promise<readonly unknown[]>
  nft(script: string): Promise<void>
  /** As nft prints it, without the elements of its sets; undefined when there is no such table. */
  table(name: string): Promise<string | undefined>
  /** Kernel parameters below `net`, for instance `ipv4/ip_forward`. */
  set(parameters: Readonly<Record<string, string>>): Promise<void>
}

const parsed = (printed: string): readonly unknown[] => {
  const rows: unknown = printed.trim() === '' ? [] : JSON.parse(printed)
  return Array.isArray(rows) ? rows : []
}

/** `path`: of the namespace, for instance `/proc/PID/ns/net`. */
export const within = (run: RunCommand, path: string): Within => {
  const enter = (program: string, args: readonly string[], input?: string) =>
    run('nsenter', [`--net=${path}`, program, ...args], input)
  const batch = async (program: string, lines: readonly string[]): Promise<void> => {
    if (lines.length > 0) await enter(program, ['-batch', '-'], `${lines.join('\n')}\n`)
  }
  return {
    ip: lines => batch('ip', lines),
    read: async (...args) => parsed(await enter('ip', ['-json', ...args])),
    bridge: lines => batch('bridge', lines),
    readBridge: async (...args) => parsed(await enter('bridge', ['-json', ...args])),
    nft: async script => {
      if (script !== '') await enter('nft', ['-f', '-'], script)
    },
    table: name => enter('nft', ['--terse', 'list', 'table', ...name.split(' ')]).catch(() => undefined),
    set: async parameters => {
      // A kernel without IPv6 lacks its parameters.
      const lines = Object.entries(parameters).map(
        ([name, value]) => `if [ -e /proc/sys/net/${name} ]; then echo ${value} > /proc/sys/net/${name}; fi`,
      )
      await enter('sh', ['-e'], `${lines.join('\n')}\n`)
    },
  }
}

export const namespaceNamed = (run: RunCommand, name: string): Within => within(run, namespacePath(name))
