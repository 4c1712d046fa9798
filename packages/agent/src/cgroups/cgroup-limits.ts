/** What is written for a task's limits, in each of the kernel's and systemd's ways. Pure. */

/** Both are optional; a task with neither has no cgroup of its own. */
export interface TaskLimits {
  /** vCPU: a hard limit, and the weight against other tasks. */
  readonly cpu?: number | undefined
  /** MiB: a hard limit. */
  readonly memory?: number | undefined
}

/** As the official agent's, in microseconds. */
const periodMicroseconds = 100_000
/** The kernel takes no shorter slice. */
const leastQuotaMicroseconds = 1_000
const sharesPerVcpu = 1024
const leastShares = 2
const mostShares = 262_144
const mebibyte = 1024 * 1024

const quotaOf = (vcpus: number): number =>
  Math.max(leastQuotaMicroseconds, Math.round(vcpus * periodMicroseconds))

const sharesOf = (vcpus: number): number =>
  Math.min(mostShares, Math.max(leastShares, Math.round(vcpus * sharesPerVcpu)))

/** runc's own formula from shares (2 to 262144) to weight (1 to 10000). */
const weightOf = (vcpus: number): number =>
  1 + Math.floor(((sharesOf(vcpus) - leastShares) * 9999) / (mostShares - leastShares))

/** A file of a cgroup, and what is written into it. */
export interface CgroupFile {
  readonly controller: 'cpu' | 'memory'
  readonly name: string
  readonly content: string
}

export const filesOfVersion1 = ({ cpu, memory }: TaskLimits): readonly CgroupFile[] => [
  ...(cpu
    ? ([
        { controller: 'cpu', name: 'cpu.cfs_period_us', content: String(periodMicroseconds) },
        { controller: 'cpu', name: 'cpu.cfs_quota_us', content: String(quotaOf(cpu)) },
        { controller: 'cpu', name: 'cpu.shares', content: String(sharesOf(cpu)) },
      ] as const)
    : []),
  ...(memory
    ? ([{ controller: 'memory', name: 'memory.limit_in_bytes', content: String(memory * mebibyte) }] as const)
    : []),
]

export const filesOfVersion2 = ({ cpu, memory }: TaskLimits): readonly CgroupFile[] => [
  ...(cpu
    ? ([
        { controller: 'cpu', name: 'cpu.max', content: `${quotaOf(cpu)} ${periodMicroseconds}` },
        { controller: 'cpu', name: 'cpu.weight', content: String(weightOf(cpu)) },
      ] as const)
    : []),
  ...(memory
    ? ([{ controller: 'memory', name: 'memory.max', content: String(memory * mebibyte) }] as const)
    : []),
]

/** As `systemctl set-property` takes them. (systemd.resource-control(5)) */
export const sliceProperties = ({ cpu, memory }: TaskLimits): readonly string[] => [
  ...(cpu
    ? [
        `CPUQuota=${Math.max(1, Math.round(cpu * 100))}%`,
        'CPUQuotaPeriodSec=100ms',
        `CPUWeight=${weightOf(cpu)}`,
      ]
    : []),
  ...(memory ? [`MemoryMax=${memory * mebibyte}`] : []),
]
