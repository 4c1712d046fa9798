/** Who is there: the agent's timers against the server's, the orders of its two sessions, and restarts of both sides. */
import { describe, expect, it } from 'vitest'
import { taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { defineAndRun, described, host } = taskCalls(world)

const isConnected = async () => (await host())?.agentConnected

describe.each(['acs', 'tcs'] as const)('the session of %s', name => {
  it('hears a heartbeat at least each 60 s, after which the agent would leave', async () => {
    const sessions = await world.agent.join()
    for (let minute = 0; minute < 4; minute++) {
      const before = sessions[name].count('HeartbeatMessage')
      for (let second = 0; second < 60; second += 20) {
        sessions.acs.say('HeartbeatAckRequest', { messageId: 'h' })
        await sessions.acs.flushed()
        await world.server.pass(20)
      }
      await sessions[name].flushed()
      expect(sessions[name].count('HeartbeatMessage')).toBeGreaterThan(before)
    }
    expect(await isConnected()).toBe(true)
  })
})

it.each([['acs', 'tcs'] as const, ['tcs', 'acs'] as const])(
  '%s may be opened before %s',
  async (first, second) => {
    await world.agent.register()
    await world.agent[first]()
    await world.agent[second]()
    expect(await isConnected()).toBe(true)
  },
)

it('a planned close with 1000 and an opening at once are no disconnection', async () => {
  const { acs } = await world.agent.join()
  await acs.close(1000)
  await world.server.pass(4)
  await world.agent.acs()
  await world.server.pass(10)
  expect(await isConnected()).toBe(true)
})

it('a line that was cut is a disconnection after 5 s, and a new session ends it', async () => {
  const { acs } = await world.agent.join()
  await acs.cut()
  await world.server.pass(4)
  expect(await isConnected()).toBe(true)
  await world.server.pass(3)
  expect(await isConnected()).toBe(false)
  await world.agent.acs()
  expect(await isConnected()).toBe(true)
})

it('an agent of which nothing is heard for 150 s is gone, and its session is closed', async () => {
  const { acs } = await world.agent.join()
  await world.server.pass(140)
  expect(await isConnected()).toBe(true)
  await world.server.pass(15)
  expect(await acs.closed).toBe(4408)
  expect(await isConnected()).toBe(false)
})

it('an agent that opens a second session is heard on the newer one', async () => {
  const { acs } = await world.agent.join()
  const newer = await world.agent.acs()
  expect(await acs.closed).toBe(4409)
  const task = await defineAndRun()
  expect((await newer.next('PayloadMessage')).tasks[0].arn).toBe(task)
})

it('a deregistration is told as InactiveInstanceException, and ends both sessions', async () => {
  const { acs, tcs } = await world.agent.join()
  await world.server.ecs.deregisterContainerInstance({ containerInstance: world.agent.instanceArn })
  expect(await acs.next('InactiveInstanceException')).toEqual({
    message: 'The container instance was deregistered.',
  })
  expect([await acs.closed, await tcs.closed]).toEqual([4410, 4410])
})

describe('a restart', () => {
  it('of the server closes sessions so that the agent comes back at once, and loses nothing', async () => {
    const { acs, tcs } = await world.agent.join()
    const task = await defineAndRun()
    await world.agent.report(task, { status: 'RUNNING' })
    await world.server.stop()
    expect([await acs.closed, await tcs.closed]).toEqual([1001, 1001])
    await world.server.start()
    expect(await isConnected()).toBe(true)
    const again = await world.agent.acs()
    expect((await again.next('PayloadMessage')).tasks[0]).toMatchObject({
      arn: task,
      desiredStatus: 'RUNNING',
    })
    expect((await described(task))?.lastStatus).toBe('RUNNING')
  })

  it('of the server while the agent stays away is a disconnection after 150 s', async () => {
    await world.agent.join()
    await world.server.stop()
    await world.server.start()
    await world.server.pass(145)
    expect(await isConnected()).toBe(true)
    await world.server.pass(10)
    expect(await isConnected()).toBe(false)
  })

  it('of the agent brings the same instance back, and what it had not reported', async () => {
    const { acs, tcs } = await world.agent.join()
    const task = await defineAndRun()
    world.agent.acknowledge(acs, await acs.next('PayloadMessage'))
    await Promise.all([acs.cut(), tcs.cut()])
    const before = world.agent.instanceArn
    const again = await world.agent.join()
    expect(world.agent.instanceArn).toBe(before)
    await again.acs.next('PayloadMessage')
    // What happened while it was away: it saw the start, and then found the container ended.
    await world.agent.report(task, {
      status: 'STOPPED',
      containers: [
        { containerName: 'web', status: 'RUNNING', runtimeId: 'r' },
        { containerName: 'web', status: 'STOPPED', exitCode: 3 },
      ],
    })
    expect(await described(task)).toMatchObject({
      lastStatus: 'STOPPED',
      containers: [{ exitCode: 3, runtimeId: 'r' }],
    })
  })
})
