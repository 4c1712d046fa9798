/** Services of the host that would take up every new link, and its addresses and routes with it, are told to leave ours alone. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Log } from '../log.ts'
import { hostLinkPrefix, wireGuardLinkPrefix } from './names.ts'

interface DropIn {
  /** There is one where the service is. */
  readonly of: string
  readonly file: string
  readonly text: string
}

const dropIns: readonly DropIn[] = [
  {
    of: '/etc/systemd/network',
    file: '/etc/systemd/network/10-berth.network',
    text: `[Match]\nName=${hostLinkPrefix}* ${wireGuardLinkPrefix}*\n\n[Link]\nUnmanaged=yes\n`,
  },
  {
    of: '/etc/NetworkManager',
    file: '/etc/NetworkManager/conf.d/10-berth.conf',
    text: `[keyfile]\nunmanaged-devices+=interface-name:${hostLinkPrefix}*,interface-name:${wireGuardLinkPrefix}*\n`,
  },
]

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )

/** `root`: of the file system. The services read them when they start, or are told to. */
export const keepNetworkServicesAway = async (log: Log, root = '/'): Promise<void> => {
  for (const { of, file, text } of dropIns) {
    if (!(await isDirectory(join(root, of)))) continue
    const path = join(root, file)
    try {
      if ((await readFile(path, 'utf8').catch(() => '')) === text) continue
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      log.info({ file: path }, 'told a network service of this host to leave the links of VPCs alone')
    } catch (error) {
      log.warn(
        { file: path, error: String(error) },
        'a network service of this host may take up the links of VPCs',
      )
    }
  }
}
