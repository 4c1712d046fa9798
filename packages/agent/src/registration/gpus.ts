/** The NVIDIA GPUs of this host, as their driver lists them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const driverDirectory = '/proc/driver/nvidia/gpus'

/** `GPU UUID:  GPU-8a56…` in the text that the driver gives of one GPU. */
export const gpuIdIn = (information: string): string | undefined =>
  /^GPU UUID:\s*(GPU-\S+)$/m.exec(information)?.[1]

/** None where there is no such driver. */
export const hostGpus = (): readonly string[] => {
  if (!existsSync(driverDirectory)) return []
  const names = readdirSync(driverDirectory, { encoding: 'utf8' })
  return names.flatMap(
    name => gpuIdIn(readFileSync(join(driverDirectory, name, 'information'), 'utf8')) ?? [],
  )
}
