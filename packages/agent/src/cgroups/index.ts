/** The cgroups of tasks on this host, in the way of its engine. */
import { readFile } from 'node:fs/promises'
import type { EngineInfo } from '../engine/engine.ts'
import { createCgroupFiles, parseMounts } from './cgroup-files.ts'
import { createCgroupSlices, systemctl } from './cgroup-slices.ts'
import type { Cgroups } from './cgroups.ts'

export { CgroupError, type Cgroups } from './cgroups.ts'

const mountinfoFile = '/proc/self/mountinfo'

export const createCgroups = ({ cgroupVersion, cgroupDriver }: EngineInfo): Cgroups => {
  if (cgroupDriver === 'systemd') return createCgroupSlices(systemctl)
  const version = cgroupVersion === '2' ? '2' : '1'
  return createCgroupFiles(async () => parseMounts(await readFile(mountinfoFile, 'utf8'), version))
}
