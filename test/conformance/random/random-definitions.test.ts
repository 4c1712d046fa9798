import type { RegisterTaskDefinitionRequest, TaskOverride } from '@aws-sdk/client-ecs'
import type { PayloadTask } from '@berth/model'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createManualClock } from '../../../packages/agent/src/clock.ts'
import { createBody } from '../../../packages/agent/src/engine/docker/create-body.ts'
import { FakeEngine } from '../../../packages/agent/src/engine/fake-engine.ts'
import { containerSpec } from '../../../packages/agent/src/tasks/container-spec/index.ts'
import { hasCycle } from '../../../packages/agent/src/tasks/dependencies.ts'
import { payloadTask } from '../../../packages/control-plane/src/agents/payload.ts'
import { given } from '../../../packages/control-plane/src/services/ecs/fixtures/rows.ts'
import { readOverrides } from '../../../packages/control-plane/src/services/ecs/operations/tasks/overrides.ts'
import {
  type TaskDefinitionRow,
  taskDefinitions,
} from '../../../packages/control-plane/src/services/ecs/tables/index.ts'
import { Berth } from '../harness.ts'
import { definitions, overrides } from './definitions.ts'

/** Unlike useBerth's, its calls are not recorded: chance proves no coverage. */
let berth: Berth
beforeAll(async () => {
  berth = await Berth.start()
})
afterAll(() => berth.stop())

const engine = await new FakeEngine({ clock: createManualClock() }).info()
const context = {
  incarnation: 'i',
  containerInstanceArn: 'instance',
  region: 'us-east-1',
  agentLogging: { driver: 'json-file', options: {} },
}

type Body = ReturnType<typeof createBody>

const isPort = (text: string): boolean => Number(text) >= 1 && Number(text) <= 65_535

/** What Docker answers 400 to, as far as a definition decides it. */
const refusedByDocker = function* ({ HostConfig: host, ...body }: Body): Iterable<string> {
  if (/[:[]null/.test(JSON.stringify({ host, body }))) yield 'a member is no number'
  const { Memory = Number.POSITIVE_INFINITY, MemoryReservation = 0 } = host as {
    Memory?: number
    MemoryReservation?: number
  }
  if (Memory < 6 * 1024 * 1024 || MemoryReservation > Memory) yield 'memory'
  for (const port of Object.keys(body.ExposedPorts))
    if (!/^\d+\/(tcp|udp)$/.test(port) || !isPort(port.split('/')[0] ?? '')) yield `port ${port}`
  for (const bind of (host as { Binds?: string[] }).Binds ?? [])
    if (!/^[^:]+:\/[^:]*(:[a-z,]+)?$/.test(bind)) yield `mount ${bind}`
  for (const variable of body.Env) if (/^=|\0/.test(variable)) yield `variable ${variable}`
  const {
    WorkingDir = '/',
    User = '',
    Hostname = 'a',
  } = body as { WorkingDir?: string; User?: string; Hostname?: string }
  if (!WorkingDir.startsWith('/')) yield `directory ${WorkingDir}`
  if (/\0/.test(`${WorkingDir}${User}`)) yield 'a null character'
  if (!/^[a-zA-Z0-9]/.test(Hostname)) yield `host name ${Hostname}`
}

/** Everything that follows from a payload on a host. */
const check = (payload: PayloadTask): void => {
  expect(hasCycle(payload.containers)).toBe(false)
  for (const container of payload.containers) {
    const spec = containerSpec(payload, container, context)
    expect(spec.name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/)
    const refused = spec.image === '' ? ['image'] : [...refusedByDocker(createBody(spec, engine))]
    expect(refused, JSON.stringify(spec)).toEqual([])
  }
}

const taskOf = (definition: TaskDefinitionRow, of: TaskOverride = {}) =>
  given.task(1, {
    taskDefinitionArn: definition.id,
    overrides: of,
    containers: (definition.definition.containerDefinitions ?? []).map(({ name = '' }) => ({
      name,
      id: 'c',
      lastStatus: 'PENDING',
    })),
  })

const register = async (request: RegisterTaskDefinitionRequest): Promise<TaskDefinitionRow | Error> => {
  try {
    const { taskDefinition } = await berth.ecs.registerTaskDefinition(request)
    return berth.store.get(taskDefinitions, taskDefinition?.taskDefinitionArn ?? '') ?? new Error('no row')
  } catch (error) {
    return error as Error
  }
}

test('any definition is refused in ECS’s way, or runs: the agent can turn it into containers', async () => {
  const outcomes = { accepted: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(definitions, async request => {
      const row = await register(request)
      if (row instanceof Error) {
        outcomes.refused++
        expect(['ClientException', 'InvalidParameterException'], String(row)).toContain(row.name)
        expect(row.message).not.toBe('')
        return
      }
      outcomes.accepted++
      payloadTask(taskOf(row), row, { kind: 'ecs' })
      check(JSON.parse(JSON.stringify(payloadTask(taskOf(row), row, { kind: 'berth' }))))
    }),
    { numRuns: 600 },
  )
  // Some forty of six hundred are accepted; a third of that is not chance any more.
  expect(outcomes.accepted).toBeGreaterThan(15)
  expect(outcomes.refused).toBeGreaterThan(30)
})

test('any override of a definition is refused in ECS’s way, or runs', async () => {
  await fc.assert(
    fc.asyncProperty(definitions, overrides, async (request, wanted) => {
      const row = await register(request)
      if (row instanceof Error) return
      let read: TaskOverride
      try {
        read = readOverrides(row, wanted)
      } catch (error) {
        expect(['InvalidParameterException', 'UnsupportedFeatureException']).toContain(
          (error as { code?: string }).code,
        )
        return
      }
      check(JSON.parse(JSON.stringify(payloadTask(taskOf(row, read), row, { kind: 'berth' }))))
    }),
    { numRuns: 400 },
  )
})
