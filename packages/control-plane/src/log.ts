import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/** Lines of JSON on standard output; BERTH_LOG_LEVEL sets the level. */
export const createLog = (level: string): Log =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination({ sync: false }))
