import { randomBytes, randomFillSync } from 'node:crypto'

/** Asking the source costs more than the bytes that it gives, so it is asked for those of many ids together. */
const POOL_BYTES = 4096

/** Random bytes as lower-case hex: for ids, of which every task takes two. */
export const createRandomHex = (): ((bytes: number) => string) => {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  return bytes => {
    if (bytes > POOL_BYTES) return randomBytes(bytes).toString('hex')
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    used += bytes
    return pool.toString('hex', used - bytes, used)
  }
}
