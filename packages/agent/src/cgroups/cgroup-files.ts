/** Cgroups as the kernel's files, for an engine whose cgroup driver is cgroupfs: `/ecs/TASK`, as the official agent's. */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesOfVersion1, filesOfVersion2, type TaskLimits } from './cgroup-limits.ts'
import { CgroupError, type Cgroups } from './cgroups.ts'

/** Where the kernel's hierarchies are mounted: one for each controller in version 1, one for all in version 2. */
export interface CgroupMounts {
  readonly version: '1' | '2'
  /**
   * Controllers of version 1 (`memory`, …) to their directories, and what the engine fills beside them: hierarchies of a
   * name (`name=systemd`), and `unified`, which version 2 has alone.
   */
  readonly directories: ReadonlyMap<string, string>
}

const root = 'ecs'

/** Reads `/proc/self/mountinfo`: `ID PARENT DEV ROOT MOUNTPOINT OPTIONS … - TYPE SOURCE SUPEROPTIONS`. Pure. */
export const parseMounts = (mountinfo: string, version: '1' | '2'): CgroupMounts => {
  const directories = new Map<string, string>()
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const mountPoint = before.split(' ')[4]
    const [type, , options = ''] = after.split(' ')
    if (!mountPoint) continue
    if (type === 'cgroup2') directories.set('unified', mountPoint)
    if (type === 'cgroup' && version === '1')
      for (const controller of options.split(','))
        if (!['rw', 'ro'].includes(controller) && !directories.has(controller))
          directories.set(controller, mountPoint)
  }
  return { version, directories }
}

/** A path is made of it: nothing else of the host may be meant by it. */
const directoryOf = (mount: string, taskId: string): string => {
  if (!/^[\w-]+$/.test(taskId)) throw new CgroupError(`"${taskId}" is no id of a task`)
  return join(mount, root, taskId)
}

const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? ''

/** A cgroup's own files cannot be removed; it goes when no process and no cgroup is left below. */
const removeTree = async (directory: string): Promise<void> => {
  let entries: { name: string; isDirectory(): boolean }[]
  try {
    entries = await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  await rmdir(directory).catch(error => {
    if (codeOf(error) !== 'ENOENT') throw error
  })
}

/** What version 2 gives to the children of a cgroup has to be said in each above them. */
const delegate = async (directory: string): Promise<void> => {
  const file = join(directory, 'cgroup.subtree_control')
  const given = (await readFile(file, 'utf8')).trim().split(/\s+/)
  const missing = ['cpu', 'memory'].filter(controller => !given.includes(controller))
  if (missing.length > 0) await writeFile(file, missing.map(controller => `+${controller}`).join(' '))
}

/** Older kernels count what is below a cgroup only when told so. */
const countChildren = async (directory: string): Promise<void> => {
  const file = join(directory, 'memory.use_hierarchy')
  const isCounted = await readFile(file, 'utf8').catch(() => '1')
  if (isCounted.trim() === '0') await writeFile(file, '1')
}

const createInVersion1 = async (
  { directories }: CgroupMounts,
  taskId: string,
  limits: TaskLimits,
): Promise<void> => {
  for (const { controller, name, content } of filesOfVersion1(limits)) {
    const mount = directories.get(controller)
    if (mount === undefined) throw new CgroupError(`the ${controller} cgroups of this host are not mounted`)
    const parent = join(mount, root)
    await mkdir(parent, { recursive: true })
    if (controller === 'memory') await countChildren(parent)
    const directory = directoryOf(mount, taskId)
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, name), content)
  }
}

const createInVersion2 = async (
  { directories }: CgroupMounts,
  taskId: string,
  limits: TaskLimits,
): Promise<void> => {
  const mount = directories.get('unified')
  if (mount === undefined) throw new CgroupError('the cgroups of this host are not mounted')
  const parent = join(mount, root)
  const directory = directoryOf(mount, taskId)
  await delegate(mount)
  await mkdir(parent, { recursive: true })
  await delegate(parent)
  await mkdir(directory, { recursive: true })
  for (const { name, content } of filesOfVersion2(limits)) await writeFile(join(directory, name), content)
}

export const createCgroupFiles = (readMounts: () => Promise<CgroupMounts>): Cgroups => ({
  parentOf: taskId => `/${root}/${taskId}`,
  create: async (taskId, limits) => {
    try {
      const mounts = await readMounts()
      await (mounts.version === '1' ? createInVersion1 : createInVersion2)(mounts, taskId, limits)
    } catch (error) {
      if (error instanceof CgroupError) throw error
      throw new CgroupError(error instanceof Error ? error.message : String(error))
    }
  },
  // The engine has made one of the same name for each controller that it uses.
  remove: async taskId => {
    const { directories } = await readMounts()
    for (const mount of new Set(directories.values())) await removeTree(directoryOf(mount, taskId))
  },
})
