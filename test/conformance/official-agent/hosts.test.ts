/** Which tasks the hosts of the official agent are given. */
import type { LaunchType, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { notExternal, registration } from './scripted-agent.ts'
import { container, taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { define } = taskCalls(world)

const failure = async (
  change: Partial<RegisterTaskDefinitionRequest>,
  launchType: LaunchType = 'EXTERNAL',
): Promise<string | undefined> => {
  await define(change)
  const { failures } = await world.server.ecs.runTask({ taskDefinition: 'web', launchType })
  return failures?.[0]?.detail ?? failures?.[0]?.reason
}

describe('what takes services of Amazon’s own is refused by the attribute', () => {
  it.each<[string, Partial<RegisterTaskDefinitionRequest>]>([
    [
      'ecs.capability.env-files.s3',
      {
        executionRoleArn: 'puller',
        containerDefinitions: [
          { ...container, environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::bucket/a.env' }] },
        ],
      },
    ],
    [
      'ecs.capability.efsAuth',
      {
        volumes: [
          {
            name: 'data',
            efsVolumeConfiguration: { fileSystemId: 'fs-12345678', transitEncryption: 'ENABLED' },
          },
        ],
      },
    ],
    [
      'com.amazonaws.ecs.capability.ecr-auth',
      {
        containerDefinitions: [{ ...container, image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1' }],
      },
    ],
  ])('%s', async (attribute, change) => {
    await world.agent.join(notExternal)
    expect(await failure(change, 'EC2')).toContain(attribute)
  })
})

describe('a Windows host', () => {
  const windows = {
    attributes: [
      ...registration.attributes.filter(({ name }) => !name.startsWith('ecs.os-')),
      { name: 'ecs.os-type', value: 'windows' },
      { name: 'ecs.os-family', value: 'WINDOWS_SERVER_2022_CORE' },
    ],
  }
  const family = (
    operatingSystemFamily: 'LINUX' | 'WINDOWS_SERVER_2019_CORE' | 'WINDOWS_SERVER_2022_CORE',
  ) => ({
    runtimePlatform: { operatingSystemFamily },
  })

  it('joins, and is given tasks of its own version of Windows, and nothing for an engine of Linux', async () => {
    const { acs } = await world.agent.join(windows)
    await define(family('WINDOWS_SERVER_2022_CORE'))
    await world.server.ecs.runTask({ taskDefinition: 'web', launchType: 'EXTERNAL' })
    const [task] = (await acs.next('PayloadMessage')).tasks
    expect(JSON.parse(task.containers[0].dockerConfig.hostConfig)).toEqual({ CapAdd: [], CapDrop: [] })
  })

  it.each(['LINUX', 'WINDOWS_SERVER_2019_CORE'] as const)('is given no task of %s', async name => {
    await world.agent.join(windows)
    expect(await failure(family(name))).toContain('Missing attributes')
    expect(await failure({})).toContain('Missing attributes')
  })

  it('is needed by a task of Windows', async () => {
    await world.agent.join()
    expect(await failure(family('WINDOWS_SERVER_2022_CORE'))).toContain('ecs.os-type=windows')
  })
})

it('ECS Exec into a task of such a host is refused as not connected, and no managed agent is asked for', async () => {
  const { acs } = await world.agent.join()
  await define({})
  await world.server.ecs.runTask({
    taskDefinition: 'web',
    launchType: 'EXTERNAL',
    enableExecuteCommand: true,
  })
  const [task] = (await acs.next('PayloadMessage')).tasks
  expect(task.containers[0].managedAgents).toBeUndefined()
  await world.agent.report(task.arn, {
    status: 'RUNNING',
    containers: [{ containerName: 'web', runtimeId: 'r', status: 'RUNNING' }],
  })
  const command = { task: task.arn, command: 'sh', interactive: true }
  await expect(world.server.ecs.executeCommand(command)).rejects.toMatchObject({
    name: 'TargetNotConnectedException',
  })
})
