/** `npm run sim -- [--short | --nightly | --seeds N] [--from N] [--seed N] [--bug NAME | --bugs] [--log]` */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { plantedBugs } from './bugs/index.ts'
import { firstCatch, MOST_SEEDS } from './first-catch.ts'
import { NIGHTLY_SEEDS, nightly } from './nightly.ts'
import { type RunResult, simulate } from './run.ts'
import type { PlantedBug } from './seams.ts'

const SHORT_SEEDS = 40
const SEEDS = 500
const SHOWN_LINES = 60
const knownSeedsFile = join(import.meta.dirname, 'bugs', 'known-seeds.json')

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    nightly: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
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
const usual = values.short ? SHORT_SEEDS : values.nightly ? NIGHTLY_SEEDS : SEEDS
const many = values.seeds === undefined ? usual : wholeNumber('seeds', values.seeds)
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

const runSeeds = async (): Promise<boolean> => {
  const started = performance.now()
  const failure = await firstFailure()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (failure === undefined) {
    print(`${count} ${count === 1 ? 'run' : 'runs'} from seed ${first}: nothing is wrong (${seconds} s)`)
    return true
  }
  if (!values.log) for (const line of failure.lines.slice(-SHOWN_LINES)) print(`  ${line}`)
  print(describe(failure))
  print(`Replay it with: npm run sim -- --seed ${failure.seed}${bug ? ` --bug ${bug.name}` : ''}`)
  return false
}

/** Which checker sees each planted bug, and with which seed; the seeds are kept for the next time. */
const runBugs = async (): Promise<boolean> => {
  const seeds: Record<string, number> = {}
  for (const planted of plantedBugs) {
    const caught = await firstCatch(planted)
    if (caught !== undefined) seeds[planted.name] = caught.seed
    const what = caught
      ? `seed ${caught.seed}, ${caught.violation?.checker}`
      : `NOT SEEN in ${MOST_SEEDS} seeds`
    print(`${planted.name}: ${what}`)
  }
  const unseen = plantedBugs.length - Object.keys(seeds).length
  await writeFile(knownSeedsFile, `${JSON.stringify(seeds, undefined, 2)}\n`)
  print(`${plantedBugs.length} planted bugs, ${unseen} of them not seen`)
  return unseen === 0
}

const runAsked = (): Promise<boolean> => {
  if (values.bugs) return runBugs()
  return values.nightly ? nightly(import.meta.filename, first, count) : runSeeds()
}

if (!(await runAsked())) process.exitCode = 1
