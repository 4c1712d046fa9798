const MIB = 1024 * 1024

/** Below it, logs are the first to stop being taken in. */
const LOGS_NEED_BYTES = 1024 * MIB
/** Below it, mutations are refused except stops and deletes. */
const MUTATIONS_NEED_BYTES = 256 * MIB
/** Kept allocated while there is room, and given up when mutations are refused, so that stops and deletes get through. */
export const RESERVE_BYTES = 64 * MIB

/** From the emptiest disk to the fullest. */
export const diskLevels = ['ok', 'logs-refused', 'mutations-refused'] as const
export type DiskLevel = (typeof diskLevels)[number]

/**
 * What the free space still allows. A reserve that is not held yet counts as taken: giving it up must not look like
 * free space, or mutations would be let in and refused in turns.
 */
export const diskLevel = (freeBytes: number, reserveHeld: boolean): DiskLevel => {
  const usable = reserveHeld ? freeBytes : freeBytes - RESERVE_BYTES
  if (usable < MUTATIONS_NEED_BYTES) return 'mutations-refused'
  return usable < LOGS_NEED_BYTES ? 'logs-refused' : 'ok'
}
