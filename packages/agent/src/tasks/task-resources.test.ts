import { expect, test } from 'vitest'
import { EngineError } from '../engine/engine.ts'
import { type TaskResource, TaskResourceError } from './resources/task-resource.ts'
import { container, payload, startTestHost } from './tasks-fixtures.ts'

const resource = (members: Partial<TaskResource> = {}): TaskResource & { readonly calls: string[] } => {
  const calls: string[] = []
  return {
    name: 'marks',
    isNeeded: () => true,
    prepare: ({ payload: { arn } }) => {
      calls.push(`prepare ${arn.split('/').at(-1)}`)
      return Promise.resolve((_, spec) => ({ ...spec, environment: { ...spec.environment, MARK: 'here' } }))
    },
    release: ({ arn }) => {
      calls.push(`release ${arn.split('/').at(-1)}`)
      return Promise.resolve()
    },
    calls,
    ...members,
  }
}

const two = [container('app'), container('side')]

test('a resource is prepared once a task, and each container is created with what it gives', async () => {
  const marks = resource()
  const host = await startTestHost({ resources: [marks] })
  await host.give(payload('one', two))
  expect(marks.calls).toEqual(['prepare one'])
  expect([...host.engine.containers.values()].map(({ spec }) => spec.environment['MARK'])).toEqual([
    'here',
    'here',
  ])
})

test('a task whose resource cannot be had stops with the reason of the resource', async () => {
  const marks = resource({
    prepare: () => Promise.reject(new TaskResourceError('ResourceInitializationError: no')),
  })
  const host = await startTestHost({ resources: [marks] })
  await host.give(payload('one'))
  expect(host.last('one')).toMatchObject({
    status: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    reason: 'ResourceInitializationError: no',
  })
})

test('a resource is given back when the last container has ended, and not before', async () => {
  const marks = resource()
  const host = await startTestHost({ resources: [marks] })
  host.autoAcknowledge = true
  await host.give(payload('one', two))
  expect(marks.calls).toEqual(['prepare one'])
  await host.stop('one')
  expect(marks.calls).toEqual(['prepare one', 'release one'])
})

test('a resource that cannot be given back is tried again', async () => {
  let failures = 1
  const released: string[] = []
  const marks = resource({
    release: ({ arn }) => {
      if (failures-- > 0) return Promise.reject(new Error('busy'))
      released.push(arn)
      return Promise.resolve()
    },
  })
  const host = await startTestHost({ resources: [marks] })
  await host.give(payload('one'))
  await host.stop('one')
  expect(released).toEqual([])
  await host.clock.advance(1_000)
  expect(released).toHaveLength(1)
})

test('after the engine was away the resource is asked again', async () => {
  let failures = 1
  const marks = resource()
  const flaky: TaskResource = {
    ...marks,
    prepare: task =>
      failures-- > 0 ? Promise.reject(new EngineError('unreachable', 'away')) : marks.prepare(task),
  }
  const host = await startTestHost({ resources: [flaky] })
  await host.give(payload('one'))
  await host.clock.advance(60_000)
  expect(marks.calls).toEqual(['prepare one'])
  expect(host.statuses('one')).toContain('RUNNING')
})

test('a task without need of it waits for no resource', async () => {
  const marks = resource({ isNeeded: () => false })
  const host = await startTestHost({ resources: [marks] })
  await host.give(payload('one'))
  await host.stop('one')
  expect(marks.calls).toEqual([])
})

test('what an earlier life of the agent had prepared is given back', async () => {
  const marks = resource()
  const host = await startTestHost({ resources: [marks] })
  await host.give(payload('one'))
  await host.restart()
  await host.stop('one')
  expect(marks.calls).toEqual(['prepare one', 'release one'])
})

test('a task that is told to stop does not wait for its resources, which are given back once they are there', async () => {
  const made = Promise.withResolvers<void>()
  const marks = resource({ prepare: () => made.promise.then(() => undefined) })
  const host = await startTestHost({ resources: [marks] })
  await host.give(payload('one', two))
  await host.stop('one')
  expect(host.last('one')?.status).toBe('STOPPED')
  expect(marks.calls).toEqual([])
  made.resolve()
  await host.settle()
  expect(marks.calls).toEqual(['release one'])
  expect(host.engine.containers.size).toBe(0)
})
