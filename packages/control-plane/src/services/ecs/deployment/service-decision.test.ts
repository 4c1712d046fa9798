import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { given, start } from '../fixtures/rows.ts'
import { deployment, type World, webArn, worldOf } from '../fixtures/service-world.ts'
import { type TaskRow, tasks } from '../tables/index.ts'
import { decideByCounts, decideByTasks } from './service-decision.ts'
import { ServiceDraft } from './service-draft.ts'

const life = fc.record({
  deploymentId: fc.constantFrom('ecs-svc/1', 'ecs-svc/2'),
  lastStatus: fc.constantFrom('PENDING' as const, 'RUNNING' as const),
  desiredStatus: fc.constantFrom('RUNNING' as const, 'RUNNING' as const, 'STOPPED' as const),
  settled: fc.boolean(),
})

type Life = typeof life extends fc.Arbitrary<infer T> ? T : never

const rowOf = ({ settled, ...state }: Life, number: number): TaskRow =>
  given.task(number, {
    ...state,
    serviceArn: webArn,
    ...(state.lastStatus === 'RUNNING' ? { startedAt: settled ? start - 60_000 : start } : {}),
  })

const draftOf = (world: World): ServiceDraft => {
  const service = world.service()
  if (!service) throw new Error('There is no service')
  return new ServiceDraft(world.store, service, { now: start, randomHex: () => '' })
}

/** 1,500 old tasks that run, and as many new ones, of which so many run. */
const rolling = async (started: number, underWay: number): Promise<ServiceDraft> => {
  const world = await worldOf({ service: { desiredCount: 1_500, primaryDeploymentId: 'ecs-svc/2' } })
  const life = { desiredStatus: 'RUNNING' as const, settled: true }
  const old = Array.from({ length: 1_500 }, () => ({
    ...life,
    deploymentId: 'ecs-svc/1' as const,
    lastStatus: 'RUNNING' as const,
  }))
  const fresh = Array.from({ length: started + underWay }, (_, number) => ({
    ...life,
    deploymentId: 'ecs-svc/2' as const,
    lastStatus: number < started ? ('RUNNING' as const) : ('PENDING' as const),
  }))
  world.putRows({ tasks: [...old, ...fresh].map(rowOf), deployments: [deployment(2)] })
  return draftOf(world)
}

describe('the counts of a service', () => {
  it('wait, of many tasks, until a fiftieth of them may be stopped, if so many are on their way', async () => {
    const health = { taskSettleMs: 2_000, gracePeriodMs: 0 }
    expect(decideByCounts(await rolling(59, 1_441))).toMatchObject({ stop: [] })
    expect(decideByCounts(await rolling(60, 1_440))).toBeUndefined()
    expect(decideByCounts(await rolling(20, 5))).toBeUndefined()
    const draft = await rolling(60, 1_440)
    expect(decideByTasks(draft, health)).toBeUndefined()
    expect(decideByTasks(draft, health)?.stop).toHaveLength(60)
  })

  it('decide, where they do, what a look at every task decides', async () => {
    let decided = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { maxLength: 10 }),
        fc.record({
          desiredCount: fc.nat(6),
          minimumHealthyPercent: fc.nat(100),
          maximumPercent: fc.integer({ min: 100, max: 200 }),
        }),
        fc.boolean(),
        fc.boolean(),
        async (lives, { desiredCount, ...deploymentConfiguration }, held, hasSource) => {
          // Beside a source, what settles is taken for healthy until it has.
          if (hasSource && lives.some(({ settled }) => !settled)) return
          const lastCompleted = { deploymentId: 'ecs-svc/1', taskDefinitionArn: 'web:1' }
          const world = await worldOf({
            service: {
              desiredCount,
              deploymentConfiguration,
              primaryDeploymentId: 'ecs-svc/2',
              ...(hasSource ? { lastCompleted } : {}),
            },
          })
          const second = deployment(2, held ? { launchAfter: start + 1 } : {})
          world.putRows({ tasks: lives.map(rowOf), deployments: [second] })
          const draft = draftOf(world)
          // As the plan does: a deployment without tasks is gone.
          draft.keepDeployments(
            ({ id }) => id === 'ecs-svc/2' || world.store.count(tasks, 'byDeployment', id) > 0,
          )
          const byCounts = decideByCounts(draft)
          if (byCounts === undefined) return
          decided += 1
          const health = { taskSettleMs: 2_000, gracePeriodMs: 0 }
          expect(byCounts).toEqual(decideByTasks(draft, health))
        },
      ),
      { numRuns: 600 },
    )
    expect(decided).toBeGreaterThan(50)
  })
})
