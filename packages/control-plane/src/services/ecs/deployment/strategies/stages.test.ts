import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Facts,
  firstStage,
  firstStageBack,
  isWatched,
  type Move,
  nextMove,
  type Position,
  type Stage,
} from './stages.ts'
import { trafficStepsOf } from './traffic-steps.ts'

const minute = 60_000
const hour = 60 * minute

const at = (stage: Stage, change: Partial<Position> = {}): Position => ({
  stage,
  step: 0,
  isRollingBack: false,
  since: 0,
  ...change,
})

/** A blue/green deployment without a load balancer, of which everything is as its stage wants it. */
const facts = (change: Partial<Facts> = {}): Facts => ({
  now: 0,
  startedAt: 0,
  hasSource: true,
  steps: trafficStepsOf({ strategy: 'BLUE_GREEN' }, true),
  bakeMs: 5 * minute,
  routes: { directs: { test: false, production: false }, shares: { test: 0, production: 0 } },
  hooks: { kind: 'over' },
  isUp: true,
  isRemoved: true,
  ...change,
})

const directed = (shares: Facts['routes']['shares']): Pick<Facts, 'routes'> => ({
  routes: { directs: { test: true, production: true }, shares },
})

/** The way of a deployment of which every stage gets at once what it needs. */
const wayOf = (from: Position, change: Partial<Facts>): string[] => {
  const way: string[] = []
  let position = from
  let now = 0
  let { routes } = facts(change)
  for (let moves = 0; moves < 500; moves++) {
    const move = nextMove(position, facts({ ...change, now, routes }))
    if (move.kind === 'end') return [...way, 'end']
    if (move.kind === 'wait') now = move.until ?? Number.NaN
    else if (move.kind === 'shift') {
      way.push(`${move.traffic} ${move.share / 10} %`)
      routes = { ...routes, shares: { ...routes.shares, [move.traffic]: move.share } }
      position = { ...position, shiftedAt: now }
    } else if (move.kind === 'enter') {
      way.push(move.stage)
      position = at(move.stage, { step: move.step, isRollingBack: position.isRollingBack, since: now })
    } else throw new Error(`unexpected: ${JSON.stringify(move)}`)
  }
  throw new Error(`It never ends: ${way.join(', ')}`)
}

describe('the way of a deployment', () => {
  it('goes through every stage, the bake time last, before the old revision is removed', () => {
    expect(wayOf(at(firstStage(false)), {})).toEqual([
      'SCALE_UP',
      'POST_SCALE_UP',
      'TEST_TRAFFIC_SHIFT',
      'POST_TEST_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
      'BAKE_TIME',
      'CLEAN_UP',
      'end',
    ])
  })

  it('moves test traffic, then production traffic, where somebody directs it', () => {
    const way = wayOf(at('TEST_TRAFFIC_SHIFT'), directed({ test: 0, production: 0 }))
    expect(way.slice(0, 5)).toEqual([
      'test 100 %',
      'POST_TEST_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'production 100 %',
    ])
  })

  it('goes through both production stages at every step of LINEAR and CANARY', () => {
    const steps = trafficStepsOf({ strategy: 'CANARY', canaryConfiguration: { canaryPercent: 12.5 } }, true)
    const way = wayOf(at('POST_TEST_TRAFFIC_SHIFT'), { steps, ...directed({ test: 1000, production: 0 }) })
    expect(way).toEqual([
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'production 12.5 %',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'production 100 %',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
      'BAKE_TIME',
      'CLEAN_UP',
      'end',
    ])
  })

  it('has no bake time where nothing runs beside the new revision', () => {
    expect(wayOf(at('POST_PRODUCTION_TRAFFIC_SHIFT'), { hasSource: false })).toEqual(['CLEAN_UP', 'end'])
  })

  it('begins with RECONCILE_SERVICE where there is a third revision, and gives its traffic back', () => {
    expect(firstStage(true)).toBe('RECONCILE_SERVICE')
    const way = wayOf(at('RECONCILE_SERVICE'), directed({ test: undefined, production: undefined }))
    expect(way.slice(0, 3)).toEqual(['production 0 %', 'test 0 %', 'PRE_SCALE_UP'])
  })

  it.each<[Stage, string[]]>([
    ['PRE_SCALE_UP', ['end']],
    ['POST_SCALE_UP', ['end']],
    ['POST_TEST_TRAFFIC_SHIFT', ['test 0 %', 'CLEAN_UP', 'end']],
    ['BAKE_TIME', ['production 0 %', 'TEST_TRAFFIC_SHIFT', 'test 0 %', 'CLEAN_UP', 'end']],
    [
      'CLEAN_UP',
      ['PRODUCTION_TRAFFIC_SHIFT', 'production 0 %', 'TEST_TRAFFIC_SHIFT', 'test 0 %', 'CLEAN_UP', 'end'],
    ],
  ])('goes back from %s', (stage, way) => {
    const back = at(firstStageBack(stage), { isRollingBack: true })
    expect(wayOf(back, directed({ test: 1000, production: 1000 }))).toEqual(way)
  })
})

describe('a stage', () => {
  it.each<[string, Position, Partial<Facts>, Move]>([
    ['waits for the new revision', at('SCALE_UP'), { isUp: false }, { kind: 'wait', until: 24 * hour }],
    ['starts its hooks', at('PRE_SCALE_UP'), { hooks: { kind: 'due' } }, { kind: 'start-hooks' }],
    [
      'starts its hooks once its traffic has moved',
      at('PRODUCTION_TRAFFIC_SHIFT'),
      { hooks: { kind: 'due' }, ...directed({ test: 0, production: 0 }) },
      { kind: 'shift', traffic: 'production', share: 1000 },
    ],
    [
      'waits for its hooks as long as they may take',
      at('POST_SCALE_UP'),
      { hooks: { kind: 'running', until: 48 * hour } },
      { kind: 'wait', until: 48 * hour },
    ],
    [
      'goes back when a hook has failed',
      at('POST_SCALE_UP'),
      { hooks: { kind: 'failed', reason: 'of a hook' } },
      { kind: 'roll-back', reason: 'of a hook' },
    ],
    [
      'bakes each step but the last from when its traffic had moved',
      at('PRODUCTION_TRAFFIC_SHIFT', { since: minute, shiftedAt: 2 * minute }),
      {
        now: 3 * minute,
        steps: trafficStepsOf({ strategy: 'LINEAR' }, true),
        ...directed({ test: 0, production: 100 }),
      },
      { kind: 'wait', until: 8 * minute },
    ],
    ['bakes at the end', at('BAKE_TIME', { since: 7 }), { now: 8 }, { kind: 'wait', until: 5 * minute + 7 }],
    [
      'ends the bake time',
      at('BAKE_TIME'),
      { now: 5 * minute },
      { kind: 'enter', stage: 'CLEAN_UP', step: 0 },
    ],
    ['waits until the old revision is gone', at('CLEAN_UP'), { isRemoved: false }, { kind: 'wait' }],
    [
      'goes back when it has lasted a day',
      at('SCALE_UP'),
      { isUp: false, now: 24 * hour },
      { kind: 'roll-back', reason: 'SCALE_UP has lasted longer than it may.' },
    ],
    [
      'goes back when the deployment has lasted thirty days',
      at('PRE_SCALE_UP', { since: 29 * 24 * hour }),
      { now: 30 * 24 * hour, hooks: { kind: 'running', until: 40 * 24 * hour } },
      { kind: 'roll-back', reason: 'PRE_SCALE_UP has lasted longer than it may.' },
    ],
    [
      'goes back when traffic cannot be moved',
      at('TEST_TRAFFIC_SHIFT'),
      { routes: { ...facts().routes, failure: 'The rule is gone.' } },
      { kind: 'roll-back', reason: 'of invalid networking configuration. The rule is gone.' },
    ],
    [
      'cannot go back when traffic cannot be moved back',
      at('PRODUCTION_TRAFFIC_SHIFT', { isRollingBack: true }),
      { routes: { ...facts().routes, failure: 'The rule is gone.' } },
      { kind: 'rollback-failed', reason: 'The rule is gone.' },
    ],
    [
      'goes on back when a hook of the way back fails',
      at('TEST_TRAFFIC_SHIFT', { isRollingBack: true }),
      { hooks: { kind: 'failed', reason: 'of a hook' } },
      { kind: 'enter', stage: 'CLEAN_UP', step: 0 },
    ],
  ])('%s', (_, position, change, move) => {
    expect(nextMove(position, facts(change))).toEqual(move)
  })

  it('is watched until the old revision is being removed', () => {
    expect(isWatched(at('BAKE_TIME'))).toBe(true)
    expect(isWatched(at('CLEAN_UP'))).toBe(false)
    expect(isWatched(at('PRODUCTION_TRAFFIC_SHIFT', { isRollingBack: true }))).toBe(false)
  })
})

describe('every deployment', () => {
  const strategies = fc.record({
    strategy: fc.constantFrom('BLUE_GREEN' as const, 'LINEAR' as const, 'CANARY' as const),
    linearConfiguration: fc.record({ stepPercent: fc.integer({ min: 30, max: 1000 }).map(n => n / 10) }),
    canaryConfiguration: fc.record({ canaryPercent: fc.integer({ min: 1, max: 1000 }).map(n => n / 10) }),
  })

  it('ends, with all traffic on the new revision, whatever is directed', () => {
    fc.assert(
      fc.property(
        strategies,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (strategy, hasSource, test, production) => {
          const routes = { directs: { test, production }, shares: { test: 0, production: 0 } }
          const steps = trafficStepsOf(strategy, hasSource)
          const way = wayOf(at('PRE_SCALE_UP'), { hasSource, steps, routes })
          const moved = way
            .filter(entry => entry.startsWith('production'))
            .map(entry => Number(entry.split(' ')[1]))
          expect(way.at(-1)).toBe('end')
          expect(moved).toEqual(production ? steps.shares.map(share => share / 10) : [])
          expect(way.filter(entry => entry === 'PRODUCTION_TRAFFIC_SHIFT')).toHaveLength(steps.shares.length)
        },
      ),
    )
  })
})
