/** Credentials of tasks' roles on their way to the agent, what it fetches with them, and when it is given new ones. */
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import type { Key, Session } from './wire.ts'
import { container, taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { defineAndRun } = taskCalls(world)

const roles = { taskRoleArn: 'app', executionRoleArn: 'puller' }

const joinWithTask = async () => {
  const { acs } = await world.agent.join()
  const task = await defineAndRun(roles)
  const payload = await acs.next('PayloadMessage')
  world.agent.acknowledge(acs, payload)
  return { acs, task, payload, told: payload.tasks[0] }
}

const complete = {
  credentialsId: expect.stringMatching(/./),
  roleArn: expect.stringMatching(/^arn:aws:iam::/),
  accessKeyId: expect.stringMatching(/^ASIA/),
  secretAccessKey: expect.stringMatching(/./),
  sessionToken: expect.stringMatching(/./),
  expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
}

it('roleCredentials and executionRoleCredentials are whole, and expire at an RFC 3339 time', async () => {
  const { told } = await joinWithTask()
  expect(told.roleCredentials).toEqual(complete)
  expect(told.executionRoleCredentials).toEqual(complete)
})

describe('are sent again for every task', () => {
  it.each(['true', 'false'])('to a new session that says sendCredentials=%s', async sendCredentials => {
    const { acs, told } = await joinWithTask()
    await acs.close()
    const again = await world.agent.acs({ sendCredentials })
    const [task] = (await again.next('PayloadMessage')).tasks
    expect(task.roleCredentials).toEqual({ ...complete, credentialsId: told.roleCredentials.credentialsId })
  })

  it('after a restart of the server, and those from before still work', async () => {
    const { told } = await joinWithTask()
    await world.server.stop()
    await world.server.start()
    const acs = await world.agent.acs()
    const [task] = (await acs.next('PayloadMessage')).tasks
    expect(task.executionRoleCredentials).toEqual(complete)
    const { body } = await world.agent.call(
      'GetTaskProtection',
      { cluster: 'default', tasks: [told.arn] },
      {},
      told.roleCredentials,
    )
    expect(body.failures.length + body.protectedTasks.length).toBe(1)
  })
})

describe('new ones', () => {
  /** The agent lives for so many minutes, and says so. */
  const live = async (acs: Session, minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute++) {
      acs.say('HeartbeatAckRequest', { messageId: 'h' })
      await acs.flushed()
      world.server.clock.advance(60_000)
    }
    await acs.flushed()
  }

  it('come hours before the end, one message a role, until they are acknowledged', async () => {
    const { acs, task, told } = await joinWithTask()
    await live(acs, 4 * 60 + 1)
    const messages = [
      await acs.next('IAMRoleCredentialsMessage'),
      await acs.next('IAMRoleCredentialsMessage'),
    ]
    expect(messages.map(({ roleType }) => roleType)).toEqual(['TaskApplication', 'TaskExecution'])
    for (const message of messages)
      expect(message).toMatchObject({
        messageId: expect.stringMatching(/./),
        taskArn: task,
        taskClusterArn: expect.stringContaining(':cluster/'),
        roleCredentials: complete,
      })
    expect(messages[0].roleCredentials.credentialsId).toBe(told.roleCredentials.credentialsId)
    await live(acs, 2)
    const sent = acs.count('IAMRoleCredentialsMessage')
    expect(sent).toBeGreaterThan(2)
    for (const { messageId, roleCredentials } of messages.toReversed())
      world.agent.acknowledgeCredentials(acs, messageId, roleCredentials)
    await acs.flushed()
    await live(acs, 5)
    expect(acs.count('IAMRoleCredentialsMessage')).toBe(sent)
  })
})

describe('secrets', () => {
  const asked = ({ accessKeyId, secretAccessKey, sessionToken }: Record<string, string>) => ({
    ...world.server.clientOptions,
    credentials: { accessKeyId, secretAccessKey, sessionToken } as Key,
  })

  it('are named, not told, and the agent gets them with the execution role, and no others', async () => {
    const root = world.server.clientOptions
    const secrets = new SecretsManagerClient(root)
    const parameters = new SSMClient(root)
    const create = (Name: string) => secrets.send(new CreateSecretCommand({ Name, SecretString: 'hidden-s' }))
    const { ARN: named = '' } = await create('named')
    const { ARN: other = '' } = await create('other')
    await parameters.send(
      new PutParameterCommand({ Name: '/prod/key', Value: 'hidden-p', Type: 'SecureString' }),
    )
    const { acs } = await world.agent.join()
    const fromParameter = 'arn:aws:ssm:us-east-1:000000000000:parameter/prod/key'
    await defineAndRun({
      ...roles,
      containerDefinitions: [
        {
          ...container,
          secrets: [
            { name: 'S', valueFrom: named },
            { name: 'P', valueFrom: fromParameter },
          ],
          logConfiguration: {
            logDriver: 'splunk',
            options: { 'splunk-url': 'http://splunk' },
            secretOptions: [{ name: 'splunk-token', valueFrom: named }],
          },
        },
      ],
    })
    const payload = await acs.next('PayloadMessage')
    expect(JSON.stringify(payload)).not.toContain('hidden')
    const [{ containers, executionRoleCredentials: execution, roleCredentials: application }] = payload.tasks
    expect(containers[0].environment).toEqual({})
    const [fromSecrets, parameter, option] = containers[0].secrets
    const environment = { type: 'ENVIRONMENT_VARIABLE', target: 'CONTAINER', region: 'us-east-1' }
    expect(fromSecrets).toEqual({ name: 'S', provider: 'asm', valueFrom: named, ...environment })
    expect(parameter).toEqual({ name: 'P', provider: 'ssm', valueFrom: '/prod/key', ...environment })
    // With a type, the agent would make a variable of it.
    expect(option).toEqual({
      name: 'splunk-token',
      provider: 'asm',
      valueFrom: named,
      target: 'LOG_DRIVER',
      region: 'us-east-1',
    })
    const asExecution = new SecretsManagerClient(asked(execution))
    const value = (client: SecretsManagerClient, SecretId: string) =>
      client.send(new GetSecretValueCommand({ SecretId }))
    expect((await value(asExecution, fromSecrets.valueFrom)).SecretString).toBe('hidden-s')
    await expect(value(asExecution, other)).rejects.toThrow('not authorized')
    await expect(value(new SecretsManagerClient(asked(application)), named)).rejects.toThrow('not authorized')
    const answer = await new SSMClient(asked(execution)).send(
      new GetParametersCommand({ Names: [parameter.valueFrom], WithDecryption: true }),
    )
    // The agent looks the answer up by the name that it asked for.
    expect(answer.Parameters).toMatchObject([{ Name: parameter.valueFrom, Value: 'hidden-p' }])
  })
})
