/** Many seeds, on every processor of the machine. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

export const NIGHTLY_SEEDS = 20_000

/** Runs `count` seeds from `first` in processes of their own; true when nothing was wrong in any of them. */
export const nightly = async (main: string, first: number, count: number): Promise<boolean> => {
  const processes = availableParallelism()
  const share = Math.ceil(count / processes)
  const runs = Array.from({ length: processes }, (_, index) => {
    const from = first + index * share
    return seedsInProcess(main, from, Math.min(share, first + count - from))
  })
  return (await Promise.all(runs)).every(isFine => isFine)
}

const seedsInProcess = (main: string, from: number, seeds: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const options = ['--from', String(from), '--seeds', String(Math.max(0, seeds))]
    const child = spawn(process.execPath, [main, ...options], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', code => resolve(code === 0))
  })
