import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ContainerDefinition, Task } from '@aws-sdk/client-ecs'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SSM } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, root } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const executionRoleArn = 'arn:aws:iam::000000000000:role/execution'

describe('secrets and environment files of a task definition', () => {
  let berth: Berth
  let tasks: Tasks
  let secrets: SecretsManager
  let ssm: SSM
  let buckets: string
  beforeAll(async () => {
    makeBusyboxImage()
    buckets = mkdtempSync(join(tmpdir(), 'berth-e2e-buckets-'))
    berth = await Berth.start({ agent: { BERTH_S3_DIRECTORY: buckets } })
    tasks = new Tasks(berth)
    const settings = { endpoint: berth.endpoint, region: 'us-east-1', credentials: root }
    secrets = new SecretsManager(settings)
    ssm = new SSM(settings)
  })
  afterAll(async () => {
    await berth?.stop()
    rmSync(buckets, { recursive: true, force: true })
  })

  const define = (container: Partial<ContainerDefinition>) =>
    tasks.define([{ script: untilStopped, ...container }], { executionRoleArn })
  /** What the container's own processes see. */
  const seenIn = async (task: Task, ...names: string[]): Promise<string[]> => {
    const script = names.map(name => `echo "$${name}"`).join(';')
    return (await docker('exec', runtimeIdOf(task), 'sh', '-c', script)).split('\n')
  }
  const create = async (Name: string, SecretString: string): Promise<string> =>
    (await secrets.createSecret({ Name, SecretString })).ARN ?? ''

  it('a container sees a secret, a JSON key, a version stage and a parameter', async () => {
    const plain = await create('plain', 'first-value')
    await secrets.putSecretValue({ SecretId: plain, SecretString: 'second-value' })
    const json = await create('json', '{"password":"of-the-key"}')
    await ssm.putParameter({ Name: '/e2e/key', Value: 'of-the-parameter', Type: 'SecureString' })
    const parameterArn = 'arn:aws:ssm:us-east-1:000000000000:parameter/e2e/key'
    const wanted = [
      { name: 'PLAIN', valueFrom: plain },
      { name: 'PREVIOUS', valueFrom: `${plain}::AWSPREVIOUS:` },
      { name: 'KEY', valueFrom: `${json}:password::` },
      { name: 'PARAMETER', valueFrom: '/e2e/key' },
      { name: 'BY_ARN', valueFrom: parameterArn },
    ]
    const task = await tasks.running(await tasks.run(await define({ secrets: wanted })))
    expect(await seenIn(task, 'PLAIN', 'PREVIOUS', 'KEY', 'PARAMETER', 'BY_ARN')).toEqual([
      'second-value',
      'first-value',
      'of-the-key',
      'of-the-parameter',
      'of-the-parameter',
    ])
  })

  it('a rotated value reaches new tasks, and those that run keep theirs', async () => {
    const valueFrom = await create('rotated', 'before')
    const definition = await define({ secrets: [{ name: 'VALUE', valueFrom }] })
    const old = await tasks.running(await tasks.run(definition))
    await secrets.putSecretValue({ SecretId: valueFrom, SecretString: 'after' })
    const young = await tasks.running(await tasks.run(definition))
    expect(await seenIn(old, 'VALUE')).toEqual(['before'])
    expect(await seenIn(young, 'VALUE')).toEqual(['after'])
  })

  it('a secret that is missing stops the task with ECS’s reason', async () => {
    const valueFrom = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:none-AbCdEf'
    const secret = await tasks.reached(
      await tasks.run(await define({ secrets: [{ name: 'VALUE', valueFrom }] })),
      'STOPPED',
    )
    expect(secret).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${valueFrom} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    })
    const parameter = await tasks.reached(
      await tasks.run(await define({ secrets: [{ name: 'VALUE', valueFrom: '/none' }] })),
      'STOPPED',
    )
    expect(parameter.stoppedReason).toBe(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /none',
    )
  })

  it('the options of a log driver get their secrets', async () => {
    const valueFrom = await create('log-tag', 'tag-of-the-secret')
    const task = await tasks.running(
      await tasks.run(
        await define({
          logConfiguration: { logDriver: 'json-file', secretOptions: [{ name: 'tag', valueFrom }] },
        }),
      ),
    )
    const config = await docker('inspect', '-f', '{{json .HostConfig.LogConfig}}', runtimeIdOf(task))
    expect(JSON.parse(config)).toEqual({ Type: 'json-file', Config: { tag: 'tag-of-the-secret' } })
  })

  it('a container has the variables of its files; its own definition holds over them', async () => {
    mkdirSync(join(buckets, 'config/prod'), { recursive: true })
    writeFileSync(join(buckets, 'config/prod/one.env'), '# the first\nA=one=1\nB="one"\nMODE=file\n')
    writeFileSync(join(buckets, 'config/two.env'), 'B=two\nC=two\n')
    const file = (key: string) => ({ type: 's3', value: `arn:aws:s3:::config/${key}` }) as const
    const task = await tasks.running(
      await tasks.run(
        await define({
          environmentFiles: [file('prod/one.env'), file('two.env')],
          environment: [{ name: 'MODE', value: 'definition' }],
        }),
      ),
    )
    expect(await seenIn(task, 'A', 'B', 'C', 'MODE')).toEqual(['one=1', '"one"', 'two', 'definition'])
    const missing = await tasks.reached(
      await tasks.run(await define({ environmentFiles: [file('none.env')] })),
      'STOPPED',
    )
    expect(missing.stoppedReason).toMatch(
      /^ResourceInitializationError: failed to download env files: .*config\/none\.env$/,
    )
  })

  it('no value is left on the disks of server and agent, in labels, or in what DescribeTasks shows', async () => {
    const value = 'found-nowhere-at-all'
    const valueFrom = await create('hidden', value)
    await ssm.putParameter({ Name: 'hidden', Value: `${value}-either`, Type: 'String' })
    const wanted = [
      { name: 'VALUE', valueFrom },
      { name: 'OTHER', valueFrom: 'hidden' },
    ]
    const task = await tasks.running(await tasks.run(await define({ secrets: wanted })))
    expect(await seenIn(task, 'VALUE', 'OTHER')).toEqual([value, `${value}-either`])
    expect(JSON.stringify(await tasks.describe(task.taskArn ?? ''))).not.toContain(value)
    expect(await docker('inspect', '-f', '{{json .Config.Labels}}', runtimeIdOf(task))).not.toContain(value)
    // The search finds what is there: the name of the secret.
    expect(await filesWith('hidden', berth.dataDir)).not.toEqual([])
    expect(await filesWith(value, berth.dataDir)).toEqual([])
    expect(await filesWith(Buffer.from(value).toString('base64').slice(0, 24), berth.dataDir)).toEqual([])
  })
})

const filesWith = async (text: string, directory: string): Promise<string[]> => {
  const found = promisify(execFile)('grep', ['-rlaF', '--', text, directory])
  return found.then(
    ({ stdout }) => stdout.split('\n').filter(Boolean),
    error => {
      if (error.code === 1) return []
      throw error
    },
  )
}
