/** What a container uses, from the kernel's own files: a round of a hundred containers costs an eighth of asking Docker. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CgroupMounts } from '../cgroups/cgroup-files.ts'

/** Counters since the container's start, but for the memory. */
export interface Usage {
  readonly cpuNanoseconds: number
  /** Without the page cache, which is the kernel's. */
  readonly memoryBytes: number
  readonly readBytes: number
  readonly writtenBytes: number
  readonly network: NetworkUsage
}

export interface NetworkUsage {
  readonly rxBytes: number
  readonly rxPackets: number
  readonly rxErrors: number
  readonly rxDropped: number
  readonly txBytes: number
  readonly txPackets: number
  readonly txErrors: number
  readonly txDropped: number
}

/** The cgroups of a process by controller, from `/proc/PID/cgroup`: `ID:CONTROLLERS:PATH`; version 2 has `unified` alone. */
export const parseCgroups = (text: string): ReadonlyMap<string, string> => {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [id, controllers = '', ...path] = line.split(':')
    if (id === undefined || path.length === 0) continue
    for (const controller of controllers.split(',')) paths.set(controller || 'unified', path.join(':'))
  }
  return paths
}

/** `name value` lines. */
const counterNamed = (text: string, name: string): number => {
  for (const line of text.split('\n'))
    if (line.startsWith(`${name} `)) return Number(line.slice(name.length + 1))
  return 0
}

/** All interfaces but the loopback. Pure. */
export const parseNetwork = (text: string): NetworkUsage => {
  const sums = Array<number>(16).fill(0)
  for (const line of text.split('\n')) {
    const [name = '', counters] = line.split(':')
    if (counters === undefined || name.trim() === 'lo') continue
    for (const [index, count] of counters.trim().split(/\s+/).entries())
      sums[index] = (sums[index] ?? 0) + Number(count)
  }
  const at = (index: number): number => sums[index] ?? 0
  return {
    ...{ rxBytes: at(0), rxPackets: at(1), rxErrors: at(2), rxDropped: at(3) },
    ...{ txBytes: at(8), txPackets: at(9), txErrors: at(10), txDropped: at(11) },
  }
}

/** `8:0 Read 4096` lines of version 1. */
const throttledBytes = (text: string, operation: string): number =>
  text
    .split('\n')
    .map(line => line.split(' '))
    .reduce((sum, [, name, count]) => (name === operation ? sum + Number(count) : sum), 0)

/** `8:0 rbytes=4096 wbytes=0 …` lines of version 2. */
const statedBytes = (text: string, name: string): number =>
  [...text.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].reduce((sum, [, count]) => sum + Number(count), 0)

type Counters = Omit<Usage, 'network'>
type ReadCgroup = (controller: string, file: string) => Promise<string>

const readVersion1 = async (read: ReadCgroup): Promise<Counters> => {
  const [cpu, memory, memoryStat, io] = await Promise.all([
    read('cpuacct', 'cpuacct.usage'),
    read('memory', 'memory.usage_in_bytes'),
    read('memory', 'memory.stat'),
    // Not every kernel counts it.
    read('blkio', 'blkio.throttle.io_service_bytes').catch(() => ''),
  ])
  return {
    cpuNanoseconds: Number(cpu),
    memoryBytes: Number(memory) - counterNamed(memoryStat, 'total_inactive_file'),
    readBytes: throttledBytes(io, 'Read'),
    writtenBytes: throttledBytes(io, 'Write'),
  }
}

const readVersion2 = async (read: ReadCgroup): Promise<Counters> => {
  const [cpu, memory, memoryStat, io] = await Promise.all([
    read('unified', 'cpu.stat'),
    read('unified', 'memory.current'),
    read('unified', 'memory.stat'),
    read('unified', 'io.stat').catch(() => ''),
  ])
  return {
    cpuNanoseconds: counterNamed(cpu, 'usage_usec') * 1_000,
    memoryBytes: Number(memory) - counterNamed(memoryStat, 'inactive_file'),
    readBytes: statedBytes(io, 'rbytes'),
    writtenBytes: statedBytes(io, 'wbytes'),
  }
}

/** Undefined when the process is not the container's any more. Rejects when its files are gone. */
export const readUsage = async (
  mounts: CgroupMounts,
  pid: number,
  runtimeId: string,
): Promise<Usage | undefined> => {
  const cgroups = parseCgroups(await readFile(`/proc/${pid}/cgroup`, 'utf8'))
  if (![...cgroups.values()].some(path => path.includes(runtimeId))) return undefined
  const read: ReadCgroup = (controller, file) =>
    readFile(join(mounts.directories.get(controller) ?? '', cgroups.get(controller) ?? '', file), 'utf8')
  const [counters, network] = await Promise.all([
    mounts.version === '1' ? readVersion1(read) : readVersion2(read),
    readFile(`/proc/${pid}/net/dev`, 'utf8'),
  ])
  return { ...counters, network: parseNetwork(network) }
}
