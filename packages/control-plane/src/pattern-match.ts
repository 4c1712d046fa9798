import { createContext, Script } from 'node:vm'

const longestMs = 50
const test = new Script('pattern.test(value)')

/**
 * Tells whether a value matches a pattern that a caller gave, and gives up after 50 ms: a pattern that backtracks
 * without end would stop every other call. Throws RangeError then.
 */
export const matchesPattern = (pattern: RegExp, value: string): boolean => {
  try {
    return test.runInContext(createContext({ pattern, value }), { timeout: longestMs }) === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new RangeError(`The pattern needs more than ${longestMs} ms.`, { cause: error })
  }
}
