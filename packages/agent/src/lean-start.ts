/**
 * Node strips the types of code that it has not seen before with a compiler that it keeps for good: 30 MiB. Once the
 * stripped code is in the compile cache, the compiler is not loaded; so what had to load it begins again.
 */
import { flushCompileCache, getCompileCacheDir } from 'node:module'

const beganAgain = 'BERTH_AGENT_BEGAN_AGAIN'
const compilerModule = 'NativeModule internal/deps/amaro/dist/index'

const hasLoadedCompiler = (): boolean => {
  // Node's own list of what it has loaded of itself; it is not in the documentation.
  const { moduleLoadList } = process as { moduleLoadList?: unknown }
  return Array.isArray(moduleLoadList) && moduleLoadList.includes(compilerModule)
}

/** Does not return when it begins again: as the same process, with the same arguments, and only once. */
export const beginAgainWithoutCompiler = (): void => {
  const { env, execve, execPath, execArgv, argv } = process
  if (env[beganAgain] !== undefined || getCompileCacheDir() === undefined) return
  if (execve === undefined || !hasLoadedCompiler()) return
  flushCompileCache()
  execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [beganAgain]: 'yes' })
}
