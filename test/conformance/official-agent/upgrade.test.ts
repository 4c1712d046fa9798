/** The upgrade of the command session, with the oddities of the agent's query, and what refuses it. */
import { describe, expect, it } from 'vitest'
import { ScriptedAgent } from './scripted-agent.ts'
import { Refused, type Session } from './wire.ts'
import { taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { host } = taskCalls(world)

const refusal = async (opened: Promise<Session>): Promise<object> => {
  const error: unknown = await opened.then(
    () => undefined,
    reason => reason,
  )
  if (!(error instanceof Refused)) throw new Error(`not refused: ${error}`)
  expect(error.answer.status).toBeGreaterThanOrEqual(400)
  return error.answer.body
}

it('clusterArn may be the name that the operator configured, or the ARN', async () => {
  await world.agent.register()
  const byName = await world.agent.acs({ clusterArn: 'default' })
  await byName.close()
  const byArn = await world.agent.acs({ clusterArn: 'arn:aws:ecs:us-east-1:000000000000:cluster/default' })
  expect((await byArn.next('TaskManifestMessage')).containerInstanceArn).toBe(world.agent.instanceArn)
})

it('the versions of agent and engine are those of the query', async () => {
  await world.agent.register()
  await world.agent.acs()
  expect(await host()).toMatchObject({
    agentConnected: true,
    versionInfo: {
      agentVersion: '1.105.1',
      agentHash: '1a2b3c4d',
      dockerVersion: 'DockerVersion: 20.10.24+dfsg1',
    },
  })
})

it('seqNum is always 1, whatever the agent has seen: numbers go on all the same', async () => {
  await world.agent.register()
  const first = await world.agent.acs({ seqNum: '1' })
  const before = (await first.next('TaskManifestMessage')).timeline
  await first.close()
  const second = await world.agent.acs({ seqNum: '1' })
  expect((await second.next('TaskManifestMessage')).timeline).toBeGreaterThan(before)
})

describe('is refused, with the exception as the one key of an object,', () => {
  it('with InvalidInstanceException for an instance that nobody knows', async () => {
    await world.agent.register()
    const root = new ScriptedAgent(world.server, world.server.clientOptions.credentials)
    const containerInstanceArn = `${world.agent.instanceArn.slice(0, -32)}${'0'.repeat(32)}`
    root.instanceArn = world.agent.instanceArn
    expect(Object.keys(await refusal(root.acs({ containerInstanceArn })))).toEqual([
      'InvalidInstanceException',
    ])
  })

  it("with AccessDeniedException for an instance that another agent's key has registered", async () => {
    const root = new ScriptedAgent(world.server, world.server.clientOptions.credentials)
    await root.register()
    await world.agent.register()
    const { instanceArn: containerInstanceArn } = root
    expect(Object.keys(await refusal(world.agent.acs({ containerInstanceArn })))).toEqual([
      'AccessDeniedException',
    ])
  })

  it('with InvalidClusterException for another cluster than that of the instance', async () => {
    await world.agent.register()
    expect(Object.keys(await refusal(world.agent.acs({ clusterArn: 'other' })))).toEqual([
      'InvalidClusterException',
    ])
  })

  it('with InactiveInstanceException for an instance that was deregistered', async () => {
    await world.agent.register()
    await world.server.ecs.deregisterContainerInstance({ containerInstance: world.agent.instanceArn })
    expect(await refusal(world.agent.acs())).toEqual({
      InactiveInstanceException: 'The container instance was deregistered.',
    })
  })
})
