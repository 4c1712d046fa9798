/** Which NFS servers stand for which EFS file systems: a file of the operator, read again for each task. */
import { readFile } from 'node:fs/promises'

export interface FileSystem {
  /** The NFS server's name or IP address. */
  readonly address: string
  /** What the server exports it as; `/` when absent. */
  readonly path?: string
  /** The operator vouches that what goes to the server is encrypted on its way, by a VPN for instance. */
  readonly encryptedNetwork?: boolean
  /** Paths within the file system, by the access point's id. */
  readonly accessPoints?: Readonly<Record<string, { readonly path: string }>>
}

export type FileSystems = Readonly<Record<string, FileSystem>>

/** The operator's file cannot be read, or says something else than file systems. */
export class FileSystemsError extends Error {
  constructor(path: string, problem: string) {
    super(`the file of BERTH_EFS_MAP, ${path}: ${problem}`)
    this.name = 'FileSystemsError'
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPath = (value: unknown): boolean => typeof value === 'string' && value.startsWith('/')

/** No comma: mount options would follow it. */
const isAddress = (value: unknown): boolean => typeof value === 'string' && /^[a-zA-Z0-9.:_-]+$/.test(value)

function* problemsOf(id: string, entry: unknown): Iterable<string> {
  if (!/^fs-[0-9a-f]{8,40}$/.test(id)) yield `${id} is not the id of an EFS file system`
  else if (!isObject(entry)) yield `${id} is not an object`
  else {
    const { address, path, encryptedNetwork, accessPoints = {}, ...unknown } = entry
    if (!isAddress(address)) yield `${id} has no address of an NFS server`
    if (path !== undefined && !isPath(path)) yield `the path of ${id} does not begin with /`
    if (encryptedNetwork !== undefined && typeof encryptedNetwork !== 'boolean')
      yield `encryptedNetwork of ${id} is neither true nor false`
    if (!isObject(accessPoints)) yield `accessPoints of ${id} is not an object`
    else
      for (const [accessPoint, point] of Object.entries(accessPoints))
        if (!isObject(point) || !isPath(point['path'])) yield `${accessPoint} of ${id} has no path`
    for (const name of Object.keys(unknown)) yield `${id} has an unknown member ${name}`
  }
}

/** Throws FileSystemsError, which names the first mistake. */
export const parseFileSystems = (path: string, text: string): FileSystems => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new FileSystemsError(path, String(error))
  }
  if (!isObject(parsed)) throw new FileSystemsError(path, 'it is not a JSON object')
  for (const [id, entry] of Object.entries(parsed))
    for (const problem of problemsOf(id, entry)) throw new FileSystemsError(path, problem)
  return parsed as FileSystems
}

export const readFileSystems = async (path: string): Promise<FileSystems> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new FileSystemsError(path, String(error))
  }
  return parseFileSystems(path, text)
}

/** True when NFS 4 is in the kernel now: a module that is not loaded does not count. */
export const kernelHasNfs = async (): Promise<boolean> =>
  /\bnfs4$/m.test(await readFile('/proc/filesystems', 'utf8'))
