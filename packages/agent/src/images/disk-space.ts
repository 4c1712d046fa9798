import { statfs } from 'node:fs/promises'

/** Of the file system that holds a directory; undefined when it is not this machine's, for instance an engine in a VM. */
export const freePercentOf = async (directory: string): Promise<number | undefined> => {
  try {
    const { blocks, bavail } = await statfs(directory)
    return blocks === 0 ? undefined : (100 * bavail) / blocks
  } catch {
    return undefined
  }
}
