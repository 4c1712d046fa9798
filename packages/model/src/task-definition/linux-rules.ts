/** What the kernel offers a container: linuxParameters, ulimits and systemControls. */
import { repeated } from './repeated.ts'
import type { ContainerLike, LinuxParametersLike, Problems } from './types.ts'

/** (AWS: API "KernelCapabilities") */
const capabilities = new Set(
  `ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER
  KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP
  SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE
  SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`.split(/\s+/),
)

/** (AWS: API "Tmpfs") mode, uid, gid, nr_inodes, nr_blocks and mpol are said with a value. */
const mountOptions = new Set(
  `defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime
  nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime
  strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol`.split(/\s+/),
)

export function* linuxProblems(container: ContainerLike): Problems {
  const { name, linuxParameters } = container
  for (const problem of limitProblems(container)) yield `Invalid setting for container '${name}'. ${problem}`
  for (const problem of parameterProblems(linuxParameters ?? {}))
    yield `Invalid setting for container '${name}'. ${problem}`
  for (const { name: limit, softLimit = 0, hardLimit = 0 } of container.ulimits ?? [])
    if (hardLimit >= 0 && (softLimit > hardLimit || softLimit < 0))
      yield `Soft limit exceeds hard limit for ulimit ${limit}`
}

function* limitProblems({ ulimits, systemControls = [] }: ContainerLike): Problems {
  for (const { name, softLimit = 0, hardLimit = 0 } of ulimits ?? [])
    if (softLimit < -1 || hardLimit < -1)
      yield `The limits of ulimit '${name}' must be at least 0, or -1 for none.`
  const limit = repeated(ulimits?.map(({ name }) => name))
  if (limit) yield `The ulimit '${limit}' is given more than once.`
  for (const { namespace, value } of systemControls)
    if (!namespace || value === undefined) yield "'systemControls' need a namespace and a value."
  const namespace = repeated(systemControls.map(control => control.namespace))
  if (namespace) yield `The system control '${namespace}' is given more than once.`
}

function* parameterProblems(parameters: LinuxParametersLike): Problems {
  const { sharedMemorySize, maxSwap, swappiness, devices = [], tmpfs = [] } = parameters
  const { add = [], drop = [] } = parameters.capabilities ?? {}
  const unknown = [...add, ...drop].find(capability => !capabilities.has(capability))
  if (unknown !== undefined) yield `'${unknown}' is not a valid Linux capability.`
  if (sharedMemorySize !== undefined && sharedMemorySize < 0) yield "'sharedMemorySize' must not be negative."
  if (maxSwap !== undefined && maxSwap < 0) yield "'maxSwap' must not be negative."
  if (swappiness !== undefined && (swappiness < 0 || swappiness > 100))
    yield "'swappiness' must be between 0 and 100."
  for (const { hostPath, containerPath } of devices) {
    if (!hostPath?.startsWith('/')) yield "A device needs a 'hostPath' that begins with a slash."
    if (containerPath !== undefined && !containerPath.startsWith('/'))
      yield "The 'containerPath' of a device must begin with a slash."
  }
  for (const mount of tmpfs) yield* tmpfsProblems(mount)
  if (repeated(tmpfs.map(({ containerPath }) => containerPath)))
    yield 'Two tmpfs mounts have the same containerPath.'
}

function* tmpfsProblems(mount: NonNullable<LinuxParametersLike['tmpfs']>[number]): Problems {
  if (!mount.containerPath?.startsWith('/'))
    yield "A tmpfs mount needs a 'containerPath' that begins with a slash."
  if (mount.size === undefined || mount.size < 1) yield "A tmpfs mount needs a 'size' of at least 1."
  const option = mount.mountOptions?.find(text => !mountOptions.has(text.split('=', 1)[0] ?? ''))
  if (option !== undefined) yield `'${option}' is not a valid tmpfs mount option.`
}
