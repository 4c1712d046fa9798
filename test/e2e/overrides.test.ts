import { readFileSync } from 'node:fs'
import { StartTaskCommand, type TaskOverride } from '@aws-sdk/client-ecs'
import { lastSegment } from '@berth/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const mebibyte = 1024 * 1024

describe('what a request says otherwise than the definition', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  it('command and environment: variables of the same name are replaced, others stay', async () => {
    const arn = await tasks.run(
      await tasks.define([
        {
          script: 'exit 9',
          environment: [
            { name: 'A', value: 'definition' },
            { name: 'B', value: 'definition' },
          ],
        },
      ]),
      {
        overrides: {
          containerOverrides: [
            {
              name: 'main',
              command: ['sh', '-c', 'test "$A $B $C" = "definition override override"'],
              environment: [
                { name: 'B', value: 'override' },
                { name: 'C', value: 'override' },
              ],
            },
          ],
        },
      },
    )
    expect((await tasks.reached(arn, 'STOPPED')).containers?.[0]?.exitCode).toBe(0)
  })

  const sizes: TaskOverride = {
    cpu: '256',
    memory: '96',
    containerOverrides: [{ name: 'main', cpu: 64, memory: 48, memoryReservation: 24 }],
  }
  const limitsOf = async (id: string): Promise<string> =>
    docker(
      ...[
        'inspect',
        '-f',
        '{{.HostConfig.CpuShares}} {{.HostConfig.Memory}} {{.HostConfig.MemoryReservation}}',
      ],
      id,
    )

  it.each(['RunTask', 'StartTask'])(
    '%s: cpu and memory, of the task and of its container',
    async operation => {
      const taskDefinition = await tasks.define([{ script: untilStopped }], { cpu: '512', memory: '128' })
      const start = async (): Promise<string> => {
        const { containerInstanceArn = '' } = (await berth.instance()) ?? {}
        const command = new StartTaskCommand({
          taskDefinition,
          containerInstances: [containerInstanceArn],
          overrides: sizes,
        })
        return (await berth.ecs.send(command)).tasks?.[0]?.taskArn ?? ''
      }
      const arn =
        operation === 'RunTask' ? await tasks.run(taskDefinition, { overrides: sizes }) : await start()
      const task = await tasks.running(arn)
      expect(task).toMatchObject({ cpu: '256', memory: '96', overrides: { cpu: '256', memory: '96' } })
      expect((await limitsOf(runtimeIdOf(task))).trim()).toBe(`64 ${48 * mebibyte} ${24 * mebibyte}`)
      // Both versions of cgroups tell it.
      const pid = (await docker('inspect', '-f', '{{.State.Pid}}', runtimeIdOf(task))).trim()
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`/ecs/${lastSegment(arn)}/`)
      await tasks.stop(arn)
      await tasks.reached(arn, 'STOPPED')
    },
  )
})
