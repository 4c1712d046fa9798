/** The image of pause containers: one file, imported into the engine from the agent's own bytes. */
import { createHash } from 'node:crypto'
import type { Engine } from '../../engine/engine.ts'
import { pauseProgram } from './pause-program.ts'

const blockBytes = 512

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits - 1, '0')}\0`

/** A tar archive (ustar) of one executable file, the same bytes always. */
const archiveOf = (name: string, content: Buffer): Buffer => {
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0)
  header.write(octal(0o755, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(content.length, 12), 124)
  header.write(octal(0, 12), 136)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  header.write(`${octal(checksum, 7)} `, 148)
  const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * blockBytes)])
}

export interface PauseImage {
  readonly name: string
  /** Resolves when the engine holds it. Throws EngineError. */
  ready(): Promise<void>
  /** The engine has lost it. */
  forget(): void
}

/** Undefined when there is no program for the architecture. The name changes with the program. */
export const createPauseImage = (engine: Engine, architecture: string): PauseImage | undefined => {
  const program = pauseProgram(architecture)
  if (!program) return undefined
  const version = createHash('sha256').update(program).digest('hex').slice(0, 12)
  const name = `berth/pause:${version}`
  let known: Promise<void> | undefined
  const load = async (): Promise<void> => {
    if (await engine.inspectImage(name)) return
    await engine.importImage(name, archiveOf('pause', program), ['ENTRYPOINT ["/pause"]'])
  }
  return {
    name,
    ready: () => {
      const loading = known ?? load()
      known = loading
      loading.catch(() => {
        if (known === loading) known = undefined
      })
      return loading
    },
    forget: () => {
      known = undefined
    },
  }
}
