import { type AttachmentStatus, isLaterStatus, type TaskStateChange } from '@berth/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { given, start } from './fixtures/rows.ts'
import type { TaskInterface, TaskRow, TaskVolume } from './tables/index.ts'
import { applyReport } from './task-report.ts'
import { requestStop, scalingActivity, stopForGood } from './task-stop.ts'

const at = start + 1000

const report = (change: Partial<TaskStateChange> = {}): TaskStateChange => ({
  taskArn: given.task(1).id,
  containers: [],
  ...change,
})

const apply = (task: TaskRow, ...reports: Partial<TaskStateChange>[]): TaskRow =>
  reports.reduce((row, change, index) => applyReport(row, report(change), at + index) ?? row, task)

const running = {
  status: 'RUNNING',
  containers: [{ containerName: 'web', status: 'RUNNING', runtimeId: 'r' }],
} as const
const exited = {
  status: 'STOPPED',
  containers: [{ containerName: 'web', status: 'STOPPED', exitCode: 3 }],
} as const

const withHealthCheck = (names: readonly string[], nonEssential: readonly string[] = []): TaskRow =>
  given.task(1, {
    lastStatus: 'RUNNING',
    containers: [
      ...names.map(name => ({ name, id: name, lastStatus: 'RUNNING', healthStatus: 'UNKNOWN' }) as const),
      ...nonEssential.map(
        name =>
          ({ name, id: name, lastStatus: 'RUNNING', healthStatus: 'UNKNOWN', essential: false }) as const,
      ),
    ],
  })

const volume: TaskVolume = {
  attachmentId: 'attachment-1',
  volumeId: 'vol-1',
  name: 'data',
  sizeInGiB: 1,
  filesystemType: 'xfs',
  deleteOnTermination: true,
  roleArn: 'arn:aws:iam::123456789012:role/ecs',
  status: 'CREATED',
}
const withVolume = given.task(1, { lastStatus: 'PROVISIONING', volume })
const attachment = (status: AttachmentStatus, reason?: string): Partial<TaskStateChange> => ({
  attachments: [{ attachmentArn: 'attachment-1', status, ...(reason && { reason }) }],
})

const networkInterface: TaskInterface = {
  attachmentId: 'attachment-2',
  subnetId: 'subnet-1',
  securityGroupIds: [],
  status: 'CREATED',
}
const withInterface = given.task(1, { lastStatus: 'PROVISIONING', networkInterface })
const ofInterface = (status: AttachmentStatus): Partial<TaskStateChange> => ({
  attachments: [{ attachmentArn: 'arn:aws:ecs:eu-central-1:123456789012:attachment/attachment-2', status }],
})

describe('a report of a network interface', () => {
  const runs = apply(withInterface, ofInterface('ATTACHED'), running)

  it('ends the provisioning of its task once it is attached, and its volume, too', () => {
    expect(apply(withInterface, ofInterface('ATTACHING')).lastStatus).toBe('PROVISIONING')
    expect(apply(withInterface, ofInterface('ATTACHED')).lastStatus).toBe('PENDING')
    const withBoth = { ...withInterface, volume }
    const half = apply(withBoth, ofInterface('ATTACHED'))
    expect(half.lastStatus).toBe('PROVISIONING')
    expect(apply(half, attachment('ATTACHED')).lastStatus).toBe('PENDING')
  })

  it('that names it with the end of the task keeps the task DEPROVISIONING until it is gone', () => {
    const ending = apply(runs, { ...exited, ...ofInterface('ATTACHED') })
    expect(ending).toMatchObject({
      lastStatus: 'DEPROVISIONING',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
    })
    expect(ending.stoppedAt).toBeUndefined()
    expect(apply(ending, ofInterface('DETACHING')).lastStatus).toBe('DEPROVISIONING')
    const stopped = apply(ending, ofInterface('DETACHED'))
    expect(stopped).toMatchObject({
      lastStatus: 'STOPPED',
      stoppedAt: at,
      networkInterface: { status: 'DETACHED' },
    })
  })

  it('that does not name it with the end of the task ends the task: nothing of it is there', () => {
    expect(apply(runs, exited).lastStatus).toBe('STOPPED')
  })

  it('that comes late or again moves nothing back', () => {
    const ending = { ...exited, ...ofInterface('ATTACHED') }
    expect(apply(runs, ofInterface('DETACHED'), ending)).toMatchObject({
      lastStatus: 'STOPPED',
      networkInterface: { status: 'DETACHED' },
    })
    expect(apply(runs, ending, ending, running, ofInterface('ATTACHED')).lastStatus).toBe('DEPROVISIONING')
  })
})

describe('a report of a volume', () => {
  it('ends the provisioning of its task once it is attached', () => {
    expect(apply(withVolume, attachment('ATTACHING'))).toMatchObject({
      lastStatus: 'PROVISIONING',
      volume: { status: 'ATTACHING' },
      version: 2,
    })
    expect(apply(withVolume, attachment('ATTACHED'))).toMatchObject({
      lastStatus: 'PENDING',
      volume: { status: 'ATTACHED' },
    })
  })

  it('never goes back, whatever comes late or twice', () => {
    const attached = apply(withVolume, attachment('ATTACHED'))
    expect(apply(attached, attachment('ATTACHING'), attachment('ATTACHED'))).toEqual(attached)
  })

  it('says why it failed, also after the volume is gone', () => {
    const task = apply(withVolume, attachment('FAILED', 'no room'), attachment('DELETED'))
    expect(task.volume).toMatchObject({ status: 'DELETED', statusReason: 'no room' })
  })

  it('is heard after the task has STOPPED, and changes nothing else of it', () => {
    const stopped = apply(withVolume, attachment('ATTACHED'), exited)
    const after = apply(stopped, attachment('DELETED'))
    expect(after).toEqual({
      ...stopped,
      volume: { ...stopped.volume, status: 'DELETED' },
      version: stopped.version + 1,
    })
  })

  it('does not confirm that a lost task has stopped', () => {
    const lost = { ...stopForGood(withVolume, scalingActivity('d'), at), stopUnconfirmed: true } as const
    expect(apply(lost, attachment('DETACHING'))).toHaveProperty('stopUnconfirmed', true)
    expect(apply(lost, { ...exited, ...attachment('DETACHING') })).not.toHaveProperty('stopUnconfirmed')
  })

  it('is not needed when its task ended before its host began with it', () => {
    expect(apply(withVolume, exited).volume?.status).toBe('DELETED')
    expect(apply(withVolume, attachment('ATTACHING'), exited).volume?.status).toBe('ATTACHING')
  })

  it('of another attachment says nothing', () => {
    const other = { attachments: [{ attachmentArn: 'attachment-2', status: 'ATTACHED' }] } as const
    expect(applyReport(withVolume, report(other), at)).toBeUndefined()
  })
})

describe('a report', () => {
  it('brings a task to RUNNING, with the times of its host', () => {
    expect(apply(given.task(1), { ...running, pullStartedAt: 5, pullStoppedAt: 7 })).toEqual({
      ...given.task(1),
      lastStatus: 'RUNNING',
      containers: [{ name: 'web', id: 'c', lastStatus: 'RUNNING', runtimeId: 'r' }],
      connectivity: 'CONNECTED',
      connectivityAt: at,
      startedAt: at,
      pullStartedAt: 5,
      pullStoppedAt: 7,
      version: 2,
    })
  })

  it('says why a task ended by itself', () => {
    const task = apply(given.task(1), running, { ...exited, executionStoppedAt: 9 })
    expect(task).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      startedAt: at,
      stoppingAt: at + 1,
      executionStoppedAt: 9,
      stoppedAt: at + 1,
      version: 3,
    })
    expect(task.containers[0]).toMatchObject({ lastStatus: 'STOPPED', exitCode: 3 })
  })

  it('calls a task that never ran one that failed to start, with the reason of its container', () => {
    const reason = 'CannotPullContainerError: no such image'
    const task = apply(given.task(1), {
      status: 'STOPPED',
      containers: [{ containerName: 'web', status: 'STOPPED', reason }],
    })
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: reason,
      lastStatus: 'STOPPED',
    })
    expect(task.startedAt).toBeUndefined()
    expect(apply(given.task(1), { status: 'STOPPED' }).stoppedReason).toBe('Task failed to start')
  })

  it('leaves the reason to whoever stopped the task first', () => {
    const stopped = requestStop(apply(given.task(1), running), scalingActivity('ecs-svc/1'), at)
    expect(apply(stopped, exited)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
    })
  })

  it("takes the agent's own stop code and reason", () => {
    const own = { stopCode: 'TerminationNotice', reason: 'Spot' } as const
    expect(apply(given.task(1), { ...exited, ...own })).toMatchObject({
      stopCode: 'TerminationNotice',
      stoppedReason: 'Spot',
    })
  })

  it('makes a task one that stops as soon as an essential container has exited', () => {
    const containers = [{ containerName: 'web', status: 'STOPPED', exitCode: 1 }] as const
    expect(apply(given.task(1), running, { containers })).toMatchObject({
      lastStatus: 'RUNNING',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppingAt: at + 1,
    })
  })

  it('says why a task never came up while its other containers still stop', () => {
    const cause = { stopCode: 'TaskFailedToStart', reason: 'CannotStartContainerError: no' } as const
    const containers = [{ containerName: 'web', status: 'STOPPED', reason: cause.reason }] as const
    expect(apply(given.task(1), { ...cause, containers })).toMatchObject({
      lastStatus: 'PENDING',
      desiredStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: cause.reason,
    })
  })

  it('lets a task go on when a container has exited that is not essential', () => {
    const sidecar = { name: 'init', id: 'i', lastStatus: 'PENDING', essential: false } as const
    const task = given.task(1, { containers: [...given.task(1).containers, sidecar] })
    const containers = [{ containerName: 'init', status: 'STOPPED', exitCode: 0 }] as const
    expect(apply(task, running, { containers })).toMatchObject({
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
    })
  })

  it('changes nothing when it comes again, comes late, or comes after the end', () => {
    const task = apply(given.task(1), running)
    expect(applyReport(task, report(running), at + 9)).toBeUndefined()
    expect(applyReport(task, report({ status: 'PENDING' }), at + 9)).toBeUndefined()
    const pending = { containers: [{ containerName: 'web', status: 'PENDING', runtimeId: 'other' }] } as const
    expect(applyReport(task, report(pending), at + 9)).toBeUndefined()
    expect(applyReport(apply(task, exited), report(running), at + 9)).toBeUndefined()
  })

  it('ignores containers that the task does not have', () => {
    const containers = [{ containerName: '~internal~ecs~pause', status: 'RUNNING' }] as const
    expect(applyReport(given.task(1), report({ containers }), at)).toBeUndefined()
  })

  it("sums the health of the task's essential containers", () => {
    const health = (name: string, healthStatus: 'HEALTHY' | 'UNHEALTHY') => ({
      containers: [{ containerName: name, healthStatus }],
    })
    const task = withHealthCheck(['a', 'b'], ['c'])
    expect(apply(task, health('a', 'HEALTHY')).healthStatus).toBe('UNKNOWN')
    expect(apply(task, health('a', 'HEALTHY'), health('b', 'HEALTHY')).healthStatus).toBe('HEALTHY')
    expect(apply(task, health('a', 'HEALTHY'), health('b', 'UNHEALTHY')).healthStatus).toBe('UNHEALTHY')
    expect(apply(task, health('a', 'UNHEALTHY'), health('a', 'HEALTHY')).healthStatus).toBe('UNKNOWN')
    expect(apply(task, health('c', 'UNHEALTHY')).healthStatus).toBe('UNKNOWN')
  })

  it('does not count the health of a container without a health check', () => {
    const containers = [{ containerName: 'web', healthStatus: 'HEALTHY' }] as const
    expect(applyReport(given.task(1), report({ containers }), at)).toBeUndefined()
  })
})

describe('a stop', () => {
  it('is a wish until the host reports it', () => {
    const cause = { stopCode: 'UserInitiated', reason: 'because' } as const
    const task = requestStop(given.task(1), cause, at)
    expect(task).toMatchObject({
      desiredStatus: 'STOPPED',
      lastStatus: 'PENDING',
      stopCode: 'UserInitiated',
      stoppedReason: 'because',
      stoppingAt: at,
      version: 2,
    })
    expect(requestStop(task, { ...cause, reason: 'again' }, at + 1)).toBe(task)
  })

  it('is final for a task that has no host, or whose host is gone', () => {
    const cause = { stopCode: 'UserInitiated', reason: 'because' } as const
    const unassigned = given.task(1, { containerInstanceArn: undefined })
    expect(requestStop(unassigned, cause, at)).toMatchObject({ lastStatus: 'STOPPED', stoppedAt: at })
    const stopped = stopForGood(given.task(1), cause, at)
    expect(stopped).toMatchObject({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt: at })
    expect(stopForGood(stopped, cause, at + 1)).toBe(stopped)
  })
})

describe('whatever the order of reports, and however often each comes', () => {
  const life: readonly Partial<TaskStateChange>[] = [
    { status: 'PENDING', pullStartedAt: 1 },
    { containers: [{ containerName: 'web', status: 'RUNNING', runtimeId: 'r' }], pullStoppedAt: 2 },
    running,
    { status: 'DEACTIVATING' },
    { status: 'STOPPING', executionStoppedAt: 3 },
    exited,
  ]
  const shuffled = fc.array(fc.integer({ min: 0, max: life.length - 1 }), { maxLength: 20 })
  const order = ['PENDING', 'RUNNING', 'STOPPED']

  it('no status goes back, a time once set stays, and the version grows with each change', () => {
    fc.assert(
      fc.property(shuffled, indexes => {
        let task = given.task(1)
        indexes.forEach((index, step) => {
          const after = applyReport(task, report(life[index]), at + step)
          if (!after) return
          expect(after.version).toBe(task.version + 1)
          expect(
            task.lastStatus === after.lastStatus || isLaterStatus(task.lastStatus, after.lastStatus),
          ).toBe(true)
          expect(task.desiredStatus === 'STOPPED' && after.desiredStatus !== 'STOPPED').toBe(false)
          const [before, now] = [task.containers[0]!, after.containers[0]!]
          expect(order.indexOf(now.lastStatus)).toBeGreaterThanOrEqual(order.indexOf(before.lastStatus))
          for (const time of [
            'startedAt',
            'stoppingAt',
            'stoppedAt',
            'pullStartedAt',
            'executionStoppedAt',
          ] as const)
            if (task[time] !== undefined) expect(after[time]).toBe(task[time])
          task = after
          expect(applyReport(task, report(life[index]), at + step)).toBeUndefined()
        })
        if (indexes.includes(life.length - 1)) expect(task.lastStatus).toBe('STOPPED')
      }),
      { numRuns: 300 },
    )
  })
})
