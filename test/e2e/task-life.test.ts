import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Task } from '@aws-sdk/client-ecs'
import { isLaterStatus, type TaskStatus } from '@berth/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

describe('the life of a task', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  /** Every status that DescribeTasks shows until the task is STOPPED. */
  const statusesOf = async (arn: string): Promise<TaskStatus[]> => {
    const seen: TaskStatus[] = []
    await tasks.when(arn, 'the task is STOPPED', ({ lastStatus }) => {
      if (lastStatus !== seen.at(-1)) seen.push(lastStatus as TaskStatus)
      return lastStatus === 'STOPPED'
    })
    return seen
  }
  const expectForward = (seen: readonly TaskStatus[]): void => {
    for (const [index, status] of seen.slice(1).entries())
      expect(isLaterStatus(seen[index] as TaskStatus, status), seen.join(' → ')).toBe(true)
  }
  const at = (task: Task, time: keyof Task): number => {
    expect(task[time], time).toBeInstanceOf(Date)
    return (task[time] as Date).getTime()
  }

  it('only moves forward, with every time in its order', async () => {
    const before = Date.now()
    const arn = await tasks.run(await tasks.define([{ script: untilStopped }]))
    const story = statusesOf(arn)
    const running = await tasks.running(arn)
    expect(running.containers).toMatchObject([{ name: 'main', lastStatus: 'RUNNING', taskArn: arn }])
    expect(await docker('inspect', '-f', '{{.State.Running}}', runtimeIdOf(running))).toBe('true')
    await tasks.stop(arn, 'enough')
    expectForward(await story)
    const stopped = await tasks.describe(arn)
    expect(stopped).toMatchObject({
      desiredStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      containers: [{ lastStatus: 'STOPPED', exitCode: 0 }],
    })
    const times = (
      [
        'createdAt',
        'pullStartedAt',
        'pullStoppedAt',
        'startedAt',
        'stoppingAt',
        'executionStoppedAt',
        'stoppedAt',
      ] as const
    ).map(time => at(stopped, time))
    expect(times).toEqual(times.toSorted((left, right) => left - right))
    expect(times[0]).toBeGreaterThanOrEqual(before)
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now())
  })

  it('ends with its essential container, whatever the exit code', async () => {
    const [zero, seven] = await Promise.all(
      ['exit 0', 'exit 7'].map(script =>
        tasks.toEnd([{ script }, { name: 'aside', script: untilStopped, essential: false }]),
      ),
    )
    for (const [task, exitCode] of [
      [zero, 0],
      [seven, 7],
    ] as const)
      expect(task).toMatchObject({
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [
          { name: 'main', lastStatus: 'STOPPED', exitCode },
          { name: 'aside', lastStatus: 'STOPPED' },
        ],
      })
  })

  it('says within five seconds which image of which registry could not be pulled, and why', async () => {
    const image = '127.0.0.1:9/team/app:1'
    const arn = await tasks.run(await tasks.define([{ image }]))
    const asked = performance.now()
    const stopped = await tasks.reached(arn, 'STOPPED')
    expect(performance.now() - asked).toBeLessThan(5_000)
    expect(stopped.stopCode).toBe('TaskFailedToStart')
    expect(stopped.startedAt).toBeUndefined()
    expect(stopped.stoppedReason).toMatch(/^CannotPullContainerError: .*connection refused/)
    expect(stopped.stoppedReason).toContain(image)
    expect(stopped.containers?.[0]).toMatchObject({ lastStatus: 'STOPPED', reason: stopped.stoppedReason })
    expect(stopped.containers?.[0]?.exitCode).toBeUndefined()
    expect(at(stopped, 'pullStoppedAt')).toBeGreaterThanOrEqual(at(stopped, 'pullStartedAt'))
  })

  it('says what Docker said of a command that does not exist', async () => {
    const stopped = await tasks.toEnd([{ command: ['no-such-command'] }])
    expect(stopped.stopCode).toBe('TaskFailedToStart')
    expect(stopped.containers?.[0]?.reason).toMatch(
      /^CannotStartContainerError: Error response from daemon: .*no-such-command/,
    )
  })

  it('says OutOfMemoryError of a container that went over its limit', async () => {
    const stopped = await tasks.toEnd([{ memory: 8, script: 'x=a; while :; do x=$x$x; done' }])
    expect(stopped).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
    })
  })

  it('kills with exit code 137 what ignores SIGTERM for longer than its stopTimeout, and not sooner', async () => {
    const arn = await tasks.run(
      await tasks.define([{ script: 'trap "" TERM; while :; do sleep 0.05; done', stopTimeout: 2 }]),
    )
    await tasks.running(arn)
    await tasks.stop(arn)
    const stopped = await tasks.reached(arn, 'STOPPED')
    expect(stopped).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'Task stopped by user',
      containers: [{ exitCode: 137 }],
    })
    const waited = at(stopped, 'stoppedAt') - at(stopped, 'stoppingAt')
    expect(waited).toBeGreaterThanOrEqual(1_900)
    expect(waited).toBeLessThan(8_000)
  })

  it('sends the stop signal that the image names', async () => {
    const image = 'berth-test/stop-signal'
    const input = `FROM ${busybox}\nSTOPSIGNAL SIGUSR1\n`
    execFileSync('docker', ['build', '-q', '-t', image, '-'], { input, stdio: ['pipe', 'ignore', 'ignore'] })
    try {
      const script = 'trap "exit 6" USR1; trap "exit 7" TERM; while :; do sleep 0.05; done'
      const arn = await tasks.run(await tasks.define([{ image, script, stopTimeout: 30 }]))
      await tasks.running(arn)
      await tasks.stop(arn)
      expect(await tasks.reached(arn, 'STOPPED')).toMatchObject({ containers: [{ exitCode: 6 }] })
    } finally {
      await docker('rmi', '-f', image)
    }
  })

  it('lets a container that traps SIGTERM end with its own exit code, without waiting for its stopTimeout', async () => {
    const arn = await tasks.run(
      await tasks.define([
        { script: 'trap "sleep 0.3; exit 42" TERM; while :; do sleep 0.05; done', stopTimeout: 60 },
      ]),
    )
    await tasks.running(arn)
    await tasks.stop(arn)
    expect((await tasks.reached(arn, 'STOPPED')).containers).toMatchObject([{ exitCode: 42 }])
  })

  it('is PENDING while its image is pulled, and STOPPED at once when it is stopped meanwhile', async () => {
    const registry = createServer().listen(0, '127.0.0.1')
    try {
      await once(registry, 'listening')
      const { port } = registry.address() as AddressInfo
      const arn = await tasks.run(await tasks.define([{ image: `127.0.0.1:${port}/team/slow:1` }]))
      const pulling = await tasks.when(arn, 'the pull has begun', task => task.pullStartedAt !== undefined)
      expect(pulling).toMatchObject({ lastStatus: 'PENDING', desiredStatus: 'RUNNING' })
      await tasks.stop(arn, 'changed my mind')
      const stopped = await tasks.reached(arn, 'STOPPED', 5_000)
      expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'changed my mind' })
      expect(stopped.startedAt).toBeUndefined()
    } finally {
      registry.close()
    }
  })

  it('notices a container that was removed behind its back', async () => {
    const arn = await tasks.run(await tasks.define([{ script: untilStopped }]))
    const task = await tasks.running(arn)
    await docker('rm', '-f', runtimeIdOf(task))
    const stopped = await tasks.reached(arn, 'STOPPED')
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] })
  })
})
