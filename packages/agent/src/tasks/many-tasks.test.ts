import { expect, test } from 'vitest'
import { arnOf, container, payload, startTestHost, type TestHost } from './tasks-fixtures.ts'

/** The names of the containers whose starts have begun, in order. */
const starts = ({ engine }: TestHost): string[] =>
  engine.calls.filter(call => call.startsWith('start ')).map(call => call.slice('start '.length))

const slowEngine = { latencyMs: { create: 10, start: 100 } }
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `task-${index}`)

test('the containers of an early task that depend on others start before the first ones of late tasks', async () => {
  const host = await startTestHost({ engine: slowEngine })
  const chain = [
    container('web', { dependsOn: [{ containerName: 'database', condition: 'START' }] }),
    container('database'),
  ]
  await host.give(payload('early', chain), ...ids(30).map(id => payload(id)))
  await host.clock.advance(1_000)
  const order = starts(host)
  expect(order).toHaveLength(32)
  const web = order.indexOf(host.engine.named('-web-')?.spec.name ?? '')
  // Eight have begun by the time that the database runs, and the seven others may have ended before it did.
  expect(web).toBeLessThan(16)
})

test('a task that is told to stop ends at once, however many starts are before its own', async () => {
  const host = await startTestHost({ engine: { latencyMs: { start: 1_000 } } })
  await host.give(...ids(200).map(id => payload(id)))
  await host.stop('task-199')
  expect(host.last('task-199')).toMatchObject({ status: 'STOPPED' })
  expect(starts(host)).toHaveLength(8)
})

test('a task that is told to stop is not created any more, however many creations are before its own', async () => {
  const host = await startTestHost({ engine: { latencyMs: { create: 1_000 } } })
  await host.give(...ids(200).map(id => payload(id)))
  await host.stop('task-199')
  expect(host.last('task-199')).toMatchObject({ status: 'STOPPED' })
  await host.clock.advance(60_000)
  expect(host.engine.containers.size).toBe(199)
  expect(host.tasks.get(arnOf('task-0'))?.containers).toMatchObject([{ step: 'RUNNING' }])
})

test('stops of running tasks do not wait for the starts of others', async () => {
  const host = await startTestHost({ engine: { latencyMs: { start: 1_000 } } })
  await host.give(payload('old'))
  await host.clock.advance(1_000)
  await host.give(...ids(200).map(id => payload(id)))
  await host.stop('old')
  expect(starts(host)).toHaveLength(9)
  expect(host.last('old')).toMatchObject({ status: 'STOPPED' })
})
