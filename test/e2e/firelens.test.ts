import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { lastSegment } from '@berth/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

/** The router's container only holds the place: the test itself is the router, at the other end of its socket. */
describe('a log router', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const directoryOf = (arn: string): string => join(berth.dataDir, 'agent/firelens', lastSegment(arn))

  /** What comes through the task's socket until it holds the text. */
  const routed = async (arn: string, text: string): Promise<Buffer> => {
    let received = Buffer.alloc(0)
    const server = createServer(socket => {
      socket.on('data', chunk => {
        received = Buffer.concat([received, chunk])
      })
      socket.on('error', () => undefined)
    }).listen(join(directoryOf(arn), 'socket/fluent.sock'))
    try {
      return await eventually(`${text} is routed`, async () => received.includes(text) && received)
    } finally {
      server.close()
    }
  }

  const router = (type: 'fluentbit' | 'fluentd', script: string, options?: Record<string, string>) => ({
    name: 'router',
    script,
    firelensConfiguration: { type, ...(options && { options }) },
  })

  it('of Fluent Bit starts first, has its configuration, and gets what the others print', async () => {
    const arn = await tasks.run(
      await tasks.define(
        [
          {
            script: `echo told | nc "$FLUENT_HOST" "$FLUENT_PORT"; while :; do echo hello; sleep 0.2; done`,
            logConfiguration: {
              logDriver: 'awsfirelens',
              options: { Name: 'stdout', 'exclude-pattern': 'secret' },
            },
          },
          router('fluentbit', `nc -l -p 24224 > /var/run/told; ${untilStopped}`),
        ],
        { networkMode: 'bridge' },
      ),
    )
    const task = await tasks.running(arn)
    const said = await routed(arn, 'hello')
    expect(said.includes(`main-firelens-${lastSegment(arn)}`)).toBe(true)
    await eventually('the router is reached by its address', async () =>
      readFileSync(join(directoryOf(arn), 'socket/told'), 'utf8').includes('told'),
    )
    const configuration = await docker(
      'exec',
      runtimeIdOf(task, 'router'),
      'cat',
      '/fluent-bit/etc/fluent-bit.conf',
    )
    expect(configuration).toContain('unix_path /var/run/fluent.sock')
    expect(configuration).toContain(`Record ecs_task_arn ${arn}`)
    expect(configuration).toContain('[OUTPUT]\n    Name stdout\n    Match main-firelens*')
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    await eventually('nothing of it is left', async () => !existsSync(directoryOf(arn)))
  })

  it('of fluentd has its configuration in fluentd\u2019s words, with what the user includes', async () => {
    const stopped = await tasks.toEnd([
      { script: 'sleep 0.2', essential: false, logConfiguration: { logDriver: 'awsfirelens', options: {} } },
      router(
        'fluentd',
        'grep -q "@include /mine.conf" /fluentd/etc/fluent.conf && ! grep -q ecs_cluster /fluentd/etc/fluent.conf',
        {
          'config-file-type': 'file',
          'config-file-value': '/mine.conf',
          'enable-ecs-log-metadata': 'false',
        },
      ),
    ])
    expect(stopped.containers?.find(({ name }) => name === 'router')).toMatchObject({ exitCode: 0 })
  })

  it('whose options cannot be used stops the task, which says why', async () => {
    const stopped = await tasks.toEnd([
      { script: 'true', logConfiguration: { logDriver: 'awsfirelens', options: { host: 'logs.example' } } },
      router('fluentbit', untilStopped),
    ])
    expect(stopped).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(
        /^ResourceInitializationError: unable to generate firelens config file: .*missing output key Name/,
      ),
    })
  })
})
