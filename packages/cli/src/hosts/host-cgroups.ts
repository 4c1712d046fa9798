/** The cgroup that a local host is in, with everything that it runs: by it the host is found, and killed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HostCgroups {
  /** One for each hierarchy of the machine. */
  readonly directories: readonly string[]
  /** With version 2, where the host's own processes are: a cgroup that limits others has none of its own. */
  readonly leaf: string | undefined
}

const isHierarchy = /^cgroup2?$/

/** Reads `/proc/self/mountinfo`: `ID PARENT DEV ROOT MOUNTPOINT OPTIONS … - TYPE SOURCE SUPEROPTIONS`. Pure. */
export const hostCgroups = (mountinfo: string, name: string): HostCgroups => {
  const mountPoints = mountinfo.split('\n').flatMap(line => {
    const [before = '', after = ''] = line.split(' - ')
    return isHierarchy.test(after.split(' ')[0] ?? '') ? [before.split(' ')[4] ?? ''] : []
  })
  const isVersion2 = mountPoints.length === 1 && mountPoints[0] === '/sys/fs/cgroup'
  const directories = mountPoints.map(point => join(point, name))
  return { directories, leaf: isVersion2 ? join(directories[0] ?? '', 'init') : undefined }
}

export const readHostCgroups = (name: string): HostCgroups =>
  hostCgroups(readFileSync('/proc/self/mountinfo', 'utf8'), name)

/** In version 1 processes cannot be put where no processor is named. */
const nameProcessors = (directory: string): void => {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const path = join(directory, file)
    if (existsSync(path) && readFileSync(path, 'utf8').trim() === '')
      writeFileSync(path, readFileSync(join(directory, '..', file)))
  }
}

export const makeCgroups = ({ directories, leaf }: HostCgroups): void => {
  for (const directory of directories) {
    mkdirSync(directory, { recursive: true })
    if (leaf === undefined) nameProcessors(directory)
  }
  if (leaf !== undefined) mkdirSync(leaf, { recursive: true })
}

const processesIn = (directory: string): number[] => {
  if (!existsSync(directory)) return []
  return readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
}

const childrenOf = (directory: string): string[] => {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(directory, name))
}

/** What the host itself runs; its containers are in cgroups below. */
export const hasProcesses = ({ directories, leaf }: HostCgroups): boolean =>
  processesIn(leaf ?? directories[0] ?? '').length > 0

const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENODEV', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')

const killTree = (directory: string): boolean => {
  let found = false
  for (const pid of processesIn(directory)) {
    found = true
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  for (const child of childrenOf(directory)) if (killTree(child)) found = true
  return found
}

/** SIGKILL to all of them, the host's first process among them, with which the others go. True when there were any. */
export const killProcesses = ({ directories }: HostCgroups): boolean => killTree(directories[0] ?? '')

const removeTree = (directory: string): void => {
  try {
    for (const child of childrenOf(directory)) removeTree(child)
    if (existsSync(directory)) rmdirSync(directory)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

export const removeCgroups = ({ directories }: HostCgroups): void => {
  for (const directory of directories) removeTree(directory)
}
