import { expect, test } from 'vitest'
import type { Cgroups } from '../../cgroups/index.ts'
import { createManualClock } from '../../clock.ts'
import { EngineError } from '../../engine/engine.ts'
import { FakeEngine } from '../../engine/fake-engine.ts'
import { containerSpec } from '../container-spec/index.ts'
import { container, payload } from '../tasks-fixtures.ts'
import { createPauseContainer } from './pause-container.ts'
import { createPauseImage } from './pause-image.ts'
import { pauseProgram } from './pause-program.ts'

const cgroups: Cgroups = {
  parentOf: taskId => `/ecs/${taskId}`,
  create: () => Promise.resolve(),
  remove: () => Promise.resolve(),
}
const given = (architecture = 'x64') => {
  const engine = new FakeEngine({ clock: createManualClock() })
  const identity = () => ({ incarnation: 'i', containerInstanceArn: 'instance' })
  const image = createPauseImage(engine, architecture)
  return { engine, pause: createPauseContainer({ engine, image, cgroups, identity }) }
}
const app = container('app')
const task = payload('a', [app], { pidMode: 'task', ipcMode: 'task' })
const prepare = (pause: ReturnType<typeof given>['pause'], of = task) =>
  pause.prepare({ payload: of, credentials: () => ({}) })
const context = {
  incarnation: 'i',
  containerInstanceArn: 'instance',
  region: 'eu-west-1',
  agentLogging: { driver: 'json-file', options: {} },
}

test.each(['x64', 'arm64'])('the program of %s is an executable of a few hundred bytes', architecture => {
  const program = pauseProgram(architecture)
  expect(program?.subarray(0, 4).toString('latin1')).toBe('\x7fELF')
  expect(program?.length).toBeLessThan(300)
})

test('containers join the namespaces of a pause container that is theirs alone', async () => {
  const { engine, pause } = given()
  const amend = await prepare(pause)
  const [made] = engine.running()
  expect(made?.spec).toMatchObject({
    name: expect.stringContaining('internalecspause'),
    labels: {
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.container-name': '~internal~ecs~pause',
      'berth.incarnation': 'i',
    },
    networkMode: 'none',
    ipcMode: 'shareable',
  })
  const namespace = `container:${made?.spec.name}`
  expect(amend?.(app, containerSpec(task, app, context))).toMatchObject({
    pidMode: namespace,
    ipcMode: namespace,
  })
})

test('only what the task shares is joined', async () => {
  const { pause } = given()
  const amend = await prepare(pause, payload('a', [app], { pidMode: 'task' }))
  expect(amend?.(app, containerSpec(task, app, context))).not.toHaveProperty('ipcMode')
})

test.each([
  [{ pidMode: 'task' }, true],
  [{ ipcMode: 'task' }, true],
  [{ pidMode: 'host', ipcMode: 'none' }, false],
  [{}, false],
])('a task that says %j needs one: %s', (change, expected) => {
  expect(given().pause.isNeeded(payload('a', [app], change))).toBe(expected)
})

test('one that runs since an earlier life of the agent is kept, one that ended is made anew', async () => {
  const { engine, pause } = given()
  await prepare(pause)
  const [first] = engine.running()
  await prepare(pause)
  expect(engine.running()).toEqual([first])
  engine.exit(first?.id ?? '', 137)
  await prepare(pause)
  expect(engine.running()).toHaveLength(1)
  expect(engine.running()[0]?.id).not.toBe(first?.id)
})

test('an image that was removed from the engine is imported again', async () => {
  const { engine, pause } = given()
  await prepare(pause)
  await pause.release(task)
  engine.images.clear()
  await prepare(pause)
  expect(engine.running()).toHaveLength(1)
  expect(engine.calls.filter(call => call.startsWith('importImage'))).toHaveLength(2)
})

test('it is removed after the task, however often that is asked', async () => {
  const { engine, pause } = given()
  await prepare(pause)
  for (let round = 0; round < 2; round++) await pause.release(task)
  expect(engine.containers.size).toBe(0)
})

test('a host of another architecture refuses the task with the reason', async () => {
  await expect(prepare(given('riscv64').pause)).rejects.toThrow(
    /^ResourceInitializationError: .*architecture/,
  )
})

test('an engine that is away is asked again, one that refuses ends the task', async () => {
  const { engine, pause } = given()
  engine.failures.set('create', [
    new EngineError('unreachable', 'gone'),
    new EngineError('failed', 'no room'),
  ])
  await expect(prepare(pause)).rejects.toBeInstanceOf(EngineError)
  await expect(prepare(pause)).rejects.toThrow('CannotCreateContainerError: no room')
})
