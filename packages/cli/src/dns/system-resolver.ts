/** Points the machine's own resolver at Berth's for Berth's names, and away again. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { berthDomain, resolverAddress } from '@berth/model'
import { CommandFailure } from '../failures.ts'
import { hasResolver, withoutResolver, withResolver } from './resolv-conf.ts'

/** What the machine's programs resolve names by. */
export type SystemResolver =
  | { readonly kind: 'systemd-resolved' }
  | { readonly kind: 'resolv.conf' }
  /** Somebody writes /etc/resolv.conf anew whenever it likes. */
  | { readonly kind: 'other'; readonly file: string }

export interface Machine {
  /** `/`; elsewhere in tests. */
  readonly root: string
  readonly restartResolved: () => Promise<unknown>
}

const run = promisify(execFile)

export const thisMachine: Machine = {
  root: '/',
  restartResolved: () => run('systemctl', ['restart', 'systemd-resolved']),
}

const resolvConf = 'etc/resolv.conf'
const backup = 'etc/resolv.conf.before-berth'
const resolvedDirectory = 'run/systemd/resolve'
const dropIn = 'etc/systemd/resolved.conf.d/berth.conf'

const dropInText = `# Berth's names are asked of Berth's resolver; \`berth dns remove\` takes this away.
[Resolve]
DNS=${resolverAddress}
Domains=~${berthDomain}
`

export const systemResolverOf = async ({ root }: Machine): Promise<SystemResolver> => {
  const file = join(root, resolvConf)
  const real = existsSync(file) ? await realpath(file) : file
  if (real.startsWith(join(await realpath(root), resolvedDirectory))) return { kind: 'systemd-resolved' }
  return real === join(await realpath(root), resolvConf)
    ? { kind: 'resolv.conf' }
    : { kind: 'other', file: real }
}

const readText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

export const isInstalled = async ({ root }: Machine): Promise<boolean> =>
  existsSync(join(root, dropIn)) || hasResolver(await readText(join(root, resolvConf)))

/** Idempotent. Throws CommandFailure where it cannot be done, and changes nothing then. */
export const install = async (machine: Machine): Promise<SystemResolver> => {
  const { root, restartResolved } = machine
  const system = await systemResolverOf(machine)
  if (system.kind === 'other')
    throw new CommandFailure(
      `/etc/resolv.conf is a link to ${system.file}, which another program writes: tell that program to ask ${resolverAddress} for ${berthDomain}.`,
    )
  if (await isInstalled(machine)) return system
  if (system.kind === 'systemd-resolved') {
    const file = join(root, dropIn)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, dropInText)
    await restartResolved()
    return system
  }
  const file = join(root, resolvConf)
  const before = await readText(file)
  await writeFile(join(root, backup), before)
  // Written in place: in a container the file is a mount, which cannot be replaced.
  await writeFile(file, withResolver(before))
  return system
}

/** Idempotent. */
export const remove = async ({ root, restartResolved }: Machine): Promise<void> => {
  if (existsSync(join(root, dropIn))) {
    await rm(join(root, dropIn))
    await restartResolved()
  }
  const file = join(root, resolvConf)
  const text = await readText(file)
  if (hasResolver(text)) await writeFile(file, withoutResolver(text))
  await rm(join(root, backup), { force: true })
}
