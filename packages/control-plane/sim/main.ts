/** `npm run sim -- [--short | --seeds N] [--from N] [--seed N] [--bug NAME] [--log]` */
import { parseArgs } from 'node:util'
import { plantedBugs } from './bugs/index.ts'
import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

const SHORT_SEEDS = 40
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

const wholeNumber = (option: string, text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  print(`--${option} must be a whole number, not ${text}.`)
  return process.exit(2)
}

const findBug = (name: string): PlantedBug => {
  const bug = plantedBugs.find(planted => planted.name === name)
  if (bug !== undefined) return bug
  print(`There is no planted bug ${name}. There are: ${plantedBugs.map(planted => planted.name).join(', ')}.`)
  return process.exit(2)
}

const describe = ({ seed, violation, digest, events, simulatedMs }: RunResult): string =>
  `seed ${seed}: ${violation ? `${violation.checker}: ${violation.message}` : 'nothing is wrong'} ` +
  `(${events} events in ${Math.round(simulatedMs / 1000)} simulated seconds, log ${digest})`

const bug = values.bug === undefined ? undefined : findBug(values.bug)
const isOne = values.seed !== undefined
const first = wholeNumber(isOne ? 'seed' : 'from', values.seed ?? values.from)
const many =
  values.seeds === undefined ? (values.short ? SHORT_SEEDS : SEEDS) : wholeNumber('seeds', values.seeds)
const count = isOne ? 1 : many

/** The first run with a violation; undefined when all are well. */
const firstFailure = async (): Promise<RunResult | undefined> => {
  for (let seed = first; seed < first + count; seed++) {
    const result = await simulate(seed, bug?.seams(), values.log ? print : undefined)
    if (result.violation !== undefined) return result
    if (isOne) print(describe(result))
  }
  return undefined
}

const started = performance.now()
const failure = await firstFailure()
const seconds = ((performance.now() - started) / 1000).toFixed(1)
if (failure === undefined)
  print(`${count} ${count === 1 ? 'run' : 'runs'} from seed ${first}: nothing is wrong (${seconds} s)`)
else {
  if (!values.log) for (const line of failure.lines.slice(-SHOWN_LINES)) print(`  ${line}`)
  print(describe(failure))
  print(`Replay it with: npm run sim -- --seed ${failure.seed}${bug ? ` --bug ${bug.name}` : ''}`)
  process.exitCode = 1
}
