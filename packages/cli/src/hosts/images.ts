/** Hosts have engines of their own: what this machine's engine has is copied to them. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailure } from '../failures.ts'
import { engineSocket, filesOf, type HostRecord, hostDirectory } from './host-records.ts'
import { machine } from './machine.ts'

const has = (image: string): Promise<boolean> =>
  machine('docker', 'image', 'inspect', image).then(
    () => true,
    () => false,
  )

export const missingImages = async (images: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(images.map(has))
  return images.filter((_, index) => found[index] !== true)
}

export const checkImages = async (images: readonly string[]): Promise<void> => {
  const missing = await missingImages(images)
  if (missing.length > 0)
    throw new CommandFailure(`This machine's Docker Engine does not have ${missing.join(', ')}.`)
}

/** Through one archive, however many hosts there are. */
export const loadImages = async (
  dataDir: string,
  hosts: readonly HostRecord[],
  images: readonly string[],
): Promise<void> => {
  if (images.length === 0) return
  const archive = join(filesOf(dataDir).directory, `images-${process.pid}.tar`)
  try {
    await machine('docker', 'save', '--output', archive, ...images)
    for (const { name } of hosts)
      await machine('docker', '-H', `unix://${engineSocket(dataDir, name)}`, 'load', '--input', archive)
  } finally {
    rmSync(archive, { force: true })
  }
}

/** A new host's agent joins once the host has what it was to be given. */
const markerOf = (dataDir: string, name: string): string => join(hostDirectory(dataDir, name), 'has-images')
export const lacksImages = (dataDir: string, { name }: HostRecord): boolean =>
  !existsSync(markerOf(dataDir, name))
export const letAgentStart = (dataDir: string, { name }: HostRecord): void =>
  writeFileSync(markerOf(dataDir, name), '')
