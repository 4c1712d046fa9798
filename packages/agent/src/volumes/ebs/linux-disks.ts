/** Disks by Linux's own tools: util-linux, e2fsprogs, xfsprogs and coreutils. */
import { execFile } from 'node:child_process'
import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rmdir,
  stat,
  statfs,
  truncate,
  unlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Disks } from './disks.ts'
import type { Filesystem } from './driver.ts'

const execute = promisify(execFile)
/** Copying a large snapshot takes its time. */
const commandTimeoutMs = 30 * 60_000
/** What `stat` counts blocks in. */
const blockBytes = 512
/** Read, write, enter; and what is made there has the directory's group. */
const groupMayWrite = 0o2070
/** The exit code. (blkid(8)) */
const blkidFoundNothing = 2

/** What tools say is read here, in one language. */
const env = { ...process.env, LC_ALL: 'C' }

/** What it printed. Fails with what it said went wrong. */
const run = async (command: string, ...args: string[]): Promise<string> => {
  try {
    const { stdout } = await execute(command, args, { timeout: commandTimeoutMs, env })
    return stdout.trim()
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new Error(`${command} is not installed`, { cause: error })
    throw new Error(stderr?.trim() || `${command} failed: ${String(error)}`, { cause: error })
  }
}

const tools = [
  'losetup',
  'mount',
  'umount',
  'mkfs.xfs',
  'mkfs.ext4',
  'mkfs.ext3',
  'blkid',
  'xfs_growfs',
  'resize2fs',
  'fsfreeze',
]

/** What this host, or this user, has not, of all that is needed here; empty when it has everything. */
export const missingForDisks = async (): Promise<string[]> => {
  const folders = (process.env['PATH'] ?? '').split(':')
  const there = async (path: string, mode: number): Promise<boolean> =>
    access(path, mode).then(
      () => true,
      () => false,
    )
  const found = await Promise.all(
    tools.map(async tool =>
      (await Promise.all(folders.map(folder => there(join(folder, tool), constants.X_OK)))).includes(true),
    ),
  )
  const missing = tools.filter((_, index) => !found[index])
  const hasLoops = await there('/dev/loop-control', constants.W_OK)
  return hasLoops ? missing : [...missing, '/dev/loop-control']
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

/** Undefined when there is no such file. */
const ifThere = async <Value>(answer: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const formatCommands: Readonly<Record<Filesystem, readonly [string, ...string[]]>> = {
  ext3: ['mkfs.ext3', '-q', '-F'],
  ext4: ['mkfs.ext4', '-q', '-F'],
  xfs: ['mkfs.xfs', '-q', '-f'],
}

/** Two volumes of one snapshot have one UUID, which XFS would mount only once. */
const mountOptions: Readonly<Record<Filesystem, readonly string[]>> = {
  ext3: [],
  ext4: [],
  xfs: ['-o', 'nouuid'],
}

/** How the kernel answers for a file system that is not frozen (EINVAL). */
const notFrozen = /unfreeze failed: Invalid argument/

/** The kernel writes a space of a path as `\040`. (proc(5), mountinfo) */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

const mountPoints = async (): Promise<string[]> => {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  return lines.map(line => unescaped(line.split(' ')[4] ?? ''))
}

export const linuxDisks: Disks = {
  freeBytes: async directory => {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  },
  sizeOf: async path => {
    const found = await ifThere(stat(path))
    return found && { bytes: found.size, allocatedBytes: found.blocks * blockBytes }
  },
  list: async directory => (await ifThere(readdir(directory))) ?? [],
  makeDirectory: async path => void (await mkdir(path, { recursive: true, mode: 0o711 })),
  removeDirectory: async path => void (await ifThere(rmdir(path))),
  create: async (path, bytes) => {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.truncate(bytes)
    } finally {
      await file.close()
    }
  },
  copy: async (from, to) => void (await run('cp', '--sparse=always', '--reflink=auto', from, to)),
  extend: async (path, bytes, filesystem) => {
    if ((await stat(path)).size >= bytes) return
    await truncate(path, bytes)
    if (filesystem === 'xfs') return
    await run('e2fsck', '-f', '-p', path)
    await run('resize2fs', path)
  },
  format: async (path, filesystem) => {
    const [command, ...args] = formatCommands[filesystem]
    await run(command, ...args, path)
  },
  filesystemOf: path =>
    run('blkid', '--probe', '--output', 'value', '--match-tag', 'TYPE', path).catch(error => {
      if (codeOf(error.cause) === blkidFoundNothing) return undefined
      throw error
    }),
  rename: async (from, to) => {
    await sync(from)
    await rename(from, to)
    await sync(dirname(to))
  },
  remove: async path => void (await ifThere(unlink(path))),
  deviceOf: async path => {
    const [device] = (await run('losetup', '--associated', path, '--noheadings', '--output', 'NAME')).split(
      '\n',
    )
    return device || undefined
  },
  attach: path => run('losetup', '--find', '--show', '--nooverlap', path),
  detach: async device => void (await run('losetup', '--detach', device)),
  isMounted: async directory => {
    const path = await ifThere(realpath(directory))
    return path !== undefined && (await mountPoints()).includes(path)
  },
  mount: async (device, directory, filesystem) =>
    void (await run('mount', '-t', filesystem, ...mountOptions[filesystem], device, directory)),
  share: async (directory, groupId) => {
    const { uid, mode } = await stat(directory)
    await chown(directory, uid, groupId)
    await chmod(directory, (mode & 0o7777) | groupMayWrite)
  },
  unmount: async directory => void (await run('umount', directory)),
  freeze: async directory => void (await run('fsfreeze', '--freeze', directory)),
  thaw: directory =>
    run('fsfreeze', '--unfreeze', directory).then(
      () => {},
      error => {
        if (!notFrozen.test(error.message)) throw error
      },
    ),
  grow: async (directory, filesystem) => {
    if (filesystem === 'xfs') await run('xfs_growfs', directory)
  },
}
