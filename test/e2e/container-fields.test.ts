import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import {
  type ContainerCase,
  linuxCases,
  networkCases,
  processCases,
  securityCases,
} from './container-cases.ts'
import { runtimeIdOf, Tasks } from './tasks.ts'

describe('a field of a container definition', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  /** The script, and when it fails, each of its commands in the container's log. */
  const told = (script: string): string[] => ['sh', '-ex', '-c', `exec 2>&1; ${script}`]

  const check = async ({ container, task, script, inspected = {} }: ContainerCase): Promise<void> => {
    const stopped = await tasks.toEnd([{ command: told(script), ...container }], task)
    const { exitCode, reason } = stopped.containers?.[0] ?? {}
    const runtimeId = runtimeIdOf(stopped)
    const output = exitCode === 0 ? '' : await docker('logs', runtimeId)
    expect({ exitCode, reason, output }).toEqual({ exitCode: 0, output: '' })
    const [found] = JSON.parse(await docker('inspect', runtimeId)) as object[]
    expect(found).toMatchObject(inspected)
  }

  describe('that keeps it apart from its host', () => {
    it.each(securityCases)('$title', check)

    it('privileged: as far as the host itself may', async () => {
      const allowed = await docker('run', '--rm', '--privileged', busybox, 'true').then(
        () => true,
        () => false,
      )
      const stopped = await tasks.toEnd([{ script: 'test -e /dev/kmsg', privileged: true }])
      const [found] = JSON.parse(await docker('inspect', runtimeIdOf(stopped))) as object[]
      expect(found).toMatchObject({ HostConfig: { Privileged: true } })
      const expected = allowed
        ? { exitCode: 0 }
        : { reason: expect.stringMatching(/^CannotStartContainerError: .*operation not permitted/) }
      expect(stopped.containers).toMatchObject([expected])
    })
  })
  describe('that is Linux’s own', () => {
    it.each(linuxCases)('$title', check)
  })
  describe('about its network', () => {
    it.each(networkCases)('$title', check)
  })
  describe('about its process', () => {
    it.each(processCases)('$title', check)
  })

  it('that the engine refuses fails the task, in the engine’s words', async () => {
    const swapWithoutLimit = { memory: undefined, memoryReservation: 16, linuxParameters: { maxSwap: 0 } }
    const stopped = await tasks.toEnd([{ script: 'true', ...swapWithoutLimit }])
    expect(stopped).toMatchObject({ stopCode: 'TaskFailedToStart' })
    expect(stopped.containers?.[0]?.reason).toMatch(
      /^CannotCreateContainerError: Error response from daemon: .*[Mm]emory limit/,
    )
  })
})
