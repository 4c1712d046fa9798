import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually, isRunning } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks } from './tasks.ts'

/** The least that ECS takes. */
const restartAttemptPeriod = 60

describe('a container with a restart policy', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const startedAt = (id: string): Promise<string> => docker('inspect', '-f', '{{.State.StartedAt}}', id)

  it('runs again when it ended while no agent ran, and stays ended when it ran for too short a time', async () => {
    const script = `test -e /ran && exit 3; touch /ran; sleep ${restartAttemptPeriod + 1}; exit 1`
    const definition = await tasks.define([
      { script, restartPolicy: { enabled: true, restartAttemptPeriod, ignoredExitCodes: [0] } },
    ])
    const arn = await tasks.run(definition)
    const id = runtimeIdOf(await tasks.running(arn))
    const first = await startedAt(id)
    // An agent that is away for much longer is given up, with its tasks.
    const nearItsEnd = Date.parse(first) + (restartAttemptPeriod - 2) * 1000
    await eventually('it is about to end', async () => Date.now() > nearItsEnd)
    await berth.killAgent()
    await eventually('it has ended', async () => !(await isRunning(id)))
    await berth.startAgent()
    expect(await tasks.reached(arn, 'STOPPED')).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 3 }],
    })
    expect(await startedAt(id)).not.toBe(first)
  })

  it('stays ended with an exit code that its policy ignores', async () => {
    const stopped = await tasks.toEnd([
      { script: 'exit 4', restartPolicy: { enabled: true, ignoredExitCodes: [4] } },
    ])
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 4 }] })
  })
})
