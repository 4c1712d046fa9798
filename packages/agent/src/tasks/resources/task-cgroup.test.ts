import { expect, test } from 'vitest'
import { CgroupError, type Cgroups } from '../../cgroups/index.ts'
import { containerSpec } from '../container-spec/index.ts'
import { container, payload } from '../tasks-fixtures.ts'
import { createTaskCgroup } from './task-cgroup.ts'

const given = (change: Partial<Cgroups> = {}) => {
  const asked: string[] = []
  const cgroups: Cgroups = {
    parentOf: taskId => `/ecs/${taskId}`,
    create: async (taskId, { cpu, memory }) => void asked.push(`create ${taskId} ${cpu} ${memory}`),
    remove: async taskId => void asked.push(`remove ${taskId}`),
    ...change,
  }
  return { asked, cgroup: createTaskCgroup(cgroups) }
}
const app = container('app')
const task = payload('a', [app], { cpu: 0.5, memory: 64 })
const prepare = ({ cgroup }: ReturnType<typeof given>) =>
  cgroup.prepare({ payload: task, credentials: () => ({}) })
const context = {
  incarnation: 'i',
  containerInstanceArn: 'instance',
  region: 'eu-west-1',
  agentLogging: { driver: 'json-file', options: {} },
}

test('containers are made below the cgroup of their task, which has its limits', async () => {
  const host = given()
  const amend = await prepare(host)
  await host.cgroup.release(task)
  expect(amend?.(app, containerSpec(task, app, context)).cgroupParent).toBe('/ecs/a')
  expect(host.asked).toEqual(['create a 0.5 64', 'remove a'])
})

test.each([
  [{ cpu: 1 }, true],
  [{ memory: 64 }, true],
  [{}, false],
])('a task that says %j has one: %s', (change, expected) => {
  expect(given().cgroup.isNeeded(payload('a', [app], change))).toBe(expected)
})

test('a host that cannot limit the task says where and why', async () => {
  const create = () =>
    Promise.reject(new CgroupError("EROFS: read-only file system, mkdir '/sys/fs/cgroup/cpu/ecs'"))
  await expect(prepare(given({ create }))).rejects.toThrow(
    "ResourceInitializationError: unable to create the cgroup /ecs/a that limits the cpu and memory of the task: EROFS: read-only file system, mkdir '/sys/fs/cgroup/cpu/ecs'",
  )
})
