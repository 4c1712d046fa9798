/** `npm run sim -- [--short] [--seed N] [--seeds N] [--bug NAME] [--log]` */
import { parseArgs } from 'node:util'
import { type RunResult, simulate } from './run.ts'

const SHORT_SEEDS = 60
const SEEDS = 500
const SHOWN_LINES = 60

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    bug: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
})

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const tell = ({ seed, violation, lines, digest }: RunResult, shown = SHOWN_LINES): void => {
  for (const line of values.log ? [] : lines.slice(-shown)) print(`  ${line}`)
  print(`seed ${seed}: ${violation ? `${violation.checker}: ${violation.message}` : 'nothing is wrong'} (log ${digest})`)
}

const seed = values.seed
const first = Number(seed ?? values.from)
const count = seed === undefined ? Number(values.seeds ?? (values.short ? SHORT_SEEDS : SEEDS)) : 1
let failed = 0
const started = performance.now()
for (let number = first; number < first + count; number++) {
  const result = await simulate(number, {}, values.log ? print : undefined)
  if (result.violation === undefined && seed === undefined) continue
  tell(result)
  if (result.violation === undefined) continue
  failed++
  print(`replay it with: npm run sim -- --seed ${number}`)
  break
}
const seconds = ((performance.now() - started) / 1000).toFixed(1)
print(`${failed === 0 ? 'Every' : 'A'} run ${failed === 0 ? 'passed' : 'FAILED'}: ${count} seeds from ${first} in ${seconds} s`)
process.exitCode = failed === 0 ? 0 : 1
