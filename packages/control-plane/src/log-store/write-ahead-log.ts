import { type FileHandle, open, readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { Entries } from './entries.ts'

/** One batch as it is written before it is acknowledged. */
export interface LogRecord {
  readonly groupId: string
  readonly streamId: string
  readonly source?: { readonly source: string; readonly from: number; readonly to: number }
  readonly ingestedAt: number
  readonly entries: Entries
}

/** A file of records: u32 length of the payload, u32 checksum of it, then the payload. */
export class WriteAheadLog {
  readonly path: string
  readonly #file: FileHandle
  #bytes = 0

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  static async create(path: string): Promise<WriteAheadLog> {
    return new WriteAheadLog(path, await open(path, 'wx'))
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Resolves when all records are on disk. After a rejection the log must not be written any more. */
  async append(records: readonly LogRecord[]): Promise<void> {
    const parts = records.flatMap(encodeRecord)
    for (let at = 0; at < parts.length; at += 512) await this.#write(parts.slice(at, at + 512))
    await this.#file.datasync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #write(parts: readonly Buffer[]): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const { bytesWritten } = await this.#file.writev(parts)
    this.#bytes += bytesWritten
    if (bytesWritten < length)
      throw new Error(`wrote only ${bytesWritten} of ${length} bytes to ${this.path}`)
  }
}

/** Two buffers, so that the entries are not copied. */
const encodeRecord = ({ groupId, streamId, source, ingestedAt, entries }: LogRecord): Buffer[] => {
  const head = Buffer.from(JSON.stringify({ groupId, streamId, source, ingestedAt }))
  const front = Buffer.alloc(12 + head.length)
  front.writeUInt32LE(head.length, 8)
  head.copy(front, 12)
  front.writeUInt32LE(4 + head.length + entries.bytes.length, 0)
  front.writeUInt32LE(crc32(entries.bytes, crc32(front.subarray(8))), 4)
  return [front, entries.bytes]
}

/** The records up to the first that is torn or damaged, which a crash leaves at the end of what was acknowledged. */
export const readWriteAheadLog = async (path: string): Promise<{ records: LogRecord[]; bytes: number }> => {
  const file = await readFile(path)
  const records: LogRecord[] = []
  let at = 0
  while (at + 12 <= file.length) {
    const end = at + 8 + file.readUInt32LE(at)
    if (end > file.length || end < at + 12) break
    const payload = file.subarray(at + 8, end)
    if (crc32(payload) !== file.readUInt32LE(at + 4)) break
    records.push(decodeRecord(payload))
    at = end
  }
  return { records, bytes: file.length }
}

const decodeRecord = (payload: Buffer): LogRecord => {
  const headEnd = 4 + payload.readUInt32LE(0)
  const head = JSON.parse(payload.toString('utf8', 4, headEnd)) as Omit<LogRecord, 'entries'>
  return { ...head, entries: new Entries(payload.subarray(headEnd)) }
}
