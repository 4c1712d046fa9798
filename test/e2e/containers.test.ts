import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

/** ECS takes no shorter ones. */
const quickly = { interval: 5, timeout: 2, retries: 1, startPeriod: 0 }

describe('tasks of several containers', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const startedAt = (id: string): Promise<number> =>
    docker('inspect', '-f', '{{.State.StartedAt}}', id).then(Date.parse)
  const finishedAt = (id: string): Promise<number> =>
    docker('inspect', '-f', '{{.State.FinishedAt}}', id).then(Date.parse)

  it.each([
    ['COMPLETE', 'sleep 0.5; exit 3', 3],
    ['SUCCESS', 'sleep 0.5', 0],
  ] as const)('start after the %s of another that ends', async (condition, script, exitCode) => {
    const arn = await tasks.run(
      await tasks.define([
        { dependsOn: [{ containerName: 'first', condition }], script: untilStopped },
        { name: 'first', essential: false, script },
      ]),
    )
    const task = await tasks.running(arn)
    expect(task.containers).toMatchObject([
      { name: 'main', lastStatus: 'RUNNING' },
      { name: 'first', lastStatus: 'STOPPED', exitCode },
    ])
    expect(await startedAt(runtimeIdOf(task))).toBeGreaterThan(await finishedAt(runtimeIdOf(task, 'first')))
    await tasks.stop(arn)
  })

  it('start after the START of another, and stop before it', async () => {
    const arn = await tasks.run(
      await tasks.define([
        { dependsOn: [{ containerName: 'first', condition: 'START' }], script: untilStopped },
        { name: 'first', script: untilStopped },
      ]),
    )
    const task = await tasks.running(arn)
    const ids = { main: runtimeIdOf(task), first: runtimeIdOf(task, 'first') }
    expect(await startedAt(ids.main)).toBeGreaterThan(await startedAt(ids.first))
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    expect(await finishedAt(ids.first)).toBeGreaterThan(await finishedAt(ids.main))
  })

  it('start after another is HEALTHY, and show the health of each', async () => {
    const arn = await tasks.run(
      await tasks.define([
        { dependsOn: [{ containerName: 'first', condition: 'HEALTHY' }], script: untilStopped },
        { name: 'first', script: untilStopped, healthCheck: { ...quickly, command: ['CMD', 'true'] } },
      ]),
    )
    const task = await tasks.running(arn)
    expect(task.healthStatus).toBe('HEALTHY')
    expect(task.containers).toMatchObject([
      { name: 'main', healthStatus: 'UNKNOWN' },
      { name: 'first', healthStatus: 'HEALTHY' },
    ])
    await tasks.stop(arn)
  })

  it('fail when a SUCCESS that they wait for ends otherwise', async () => {
    const stopped = await tasks.toEnd([
      { dependsOn: [{ containerName: 'first', condition: 'SUCCESS' }], script: 'true' },
      { name: 'first', essential: false, script: 'exit 5' },
    ])
    expect(stopped.stopCode).toBe('TaskFailedToStart')
    expect(stopped.startedAt).toBeUndefined()
    expect(stopped.containers).toMatchObject([
      {
        exitCode: 143,
        reason: expect.stringContaining('container ordering dependency [first] for target [main]'),
      },
      { exitCode: 5 },
    ])
  })

  it('fail when what they wait for takes longer than its startTimeout', async () => {
    const stopped = await tasks.toEnd([
      { dependsOn: [{ containerName: 'first', condition: 'COMPLETE' }], script: 'true' },
      { name: 'first', essential: false, script: untilStopped, startTimeout: 2 },
    ])
    expect(stopped.stopCode).toBe('TaskFailedToStart')
    expect(stopped.containers?.[0]?.reason).toBe(
      'dependency graph: container ordering dependency [first] for target [main] has timed out',
    )
  })

  it('run on when a container ends that is not essential', async () => {
    const arn = await tasks.run(
      await tasks.define([
        { script: untilStopped },
        { name: 'aside', essential: false, script: 'sleep 0.5; exit 9' },
      ]),
    )
    const task = await tasks.when(arn, 'the container beside has ended', ({ containers }) =>
      containers?.some(container => container.exitCode === 9),
    )
    expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' })
    expect(await docker('inspect', '-f', '{{.State.Running}}', runtimeIdOf(task))).toBe('true')
    await tasks.stop(arn)
  })

  it('reach one another over links', async () => {
    const stopped = await tasks.toEnd([
      { links: ['server:web'], script: 'nc -w 5 web 8080 </dev/null | grep hello' },
      { name: 'server', script: 'while :; do echo hello | nc -l -p 8080; done' },
    ])
    expect(stopped.containers).toMatchObject([{ exitCode: 0 }, { name: 'server' }])
  })

  it('share files through volumes', async () => {
    const stopped = await tasks.toEnd(
      [
        {
          dependsOn: [{ containerName: 'writer', condition: 'SUCCESS' }],
          mountPoints: [{ sourceVolume: 'shared', containerPath: '/in', readOnly: true }],
          script: 'test "$(cat /in/file)" = content && ! touch /in/other 2>/dev/null',
        },
        {
          name: 'writer',
          essential: false,
          mountPoints: [{ sourceVolume: 'shared', containerPath: '/out' }],
          script: 'echo content > /out/file',
        },
      ],
      { volumes: [{ name: 'shared', host: {} }] },
    )
    expect(stopped.containers).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
  })

  it('share the volumes of another, to read only where they say so', async () => {
    const stopped = await tasks.toEnd(
      [
        {
          volumesFrom: [{ sourceContainer: 'owner', readOnly: true }],
          dependsOn: [{ containerName: 'owner', condition: 'SUCCESS' }],
          script: 'test "$(cat /data/file)" = content && ! touch /data/other',
        },
        {
          name: 'owner',
          essential: false,
          mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
          script: 'echo content > /data/file',
        },
      ],
      { volumes: [{ name: 'data' }] },
    )
    expect(stopped.containers).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
  })

  it('are replaced by their service once they are UNHEALTHY', async () => {
    // Healthy as long as the file is there, which a test can take away.
    const definition = await tasks.define([
      {
        script: `touch /tmp/healthy; ${untilStopped}`,
        healthCheck: { ...quickly, command: ['CMD-SHELL', 'test -e /tmp/healthy'] },
      },
    ])
    await tasks.createService('checked', definition, 1)
    const [sick] = await tasks.serviceRuns('checked', 1, task => task.healthStatus === 'HEALTHY')
    await docker('exec', runtimeIdOf(sick), 'rm', '/tmp/healthy')
    const arn = sick?.taskArn ?? ''
    await tasks.when(arn, 'it shows UNHEALTHY', task => task.healthStatus === 'UNHEALTHY')
    const [next] = await tasks.serviceRuns(
      'checked',
      1,
      task => task.taskArn !== arn && task.healthStatus === 'HEALTHY',
    )
    expect(next?.containers?.[0]?.healthStatus).toBe('HEALTHY')
    expect(await tasks.reached(arn, 'STOPPED')).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
    })
    expect(await tasks.event('checked', /failed container health checks/)).toContain(arn.split('/').at(-1))
    await tasks.deleteService('checked')
    await eventually('its container is gone', async () => {
      const running = await docker(
        'ps',
        '-q',
        '--filter',
        `label=com.amazonaws.ecs.task-arn=${next?.taskArn}`,
      )
      return running === ''
    })
  })

  it('stay ended with an exit code that their restart policy ignores', async () => {
    const stopped = await tasks.toEnd([
      { script: 'exit 4', restartPolicy: { enabled: true, ignoredExitCodes: [4] } },
    ])
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 4 }] })
  })
})
