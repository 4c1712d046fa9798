import type { AttachmentStatus } from '@berth/model'
import { describe, expect, it } from 'vitest'
import { type VolumeRow, volumeArn } from '../../ec2/index.ts'
import { given, instanceArn, scope, start } from '../fixtures/rows.ts'
import type { TaskRow } from '../tables/index.ts'
import { volumeAfter } from './task-volumes.ts'

const volume = (deleteOnTermination = true): VolumeRow => ({
  id: volumeArn(scope, 'vol-1'),
  state: 'creating',
  availabilityZone: 'a',
  containerInstanceArn: instanceArn(1),
  sizeInGiB: 1,
  volumeType: 'gp3',
  filesystemType: 'xfs',
  tags: [],
  createdAt: start,
  attachment: { taskArn: given.task(1).id, state: 'attaching', attachedAt: start, deleteOnTermination },
})

const task = (status: AttachmentStatus, change: Partial<TaskRow> = {}): TaskRow =>
  given.task(1, {
    volume: {
      attachmentId: 'attachment-1',
      volumeId: 'vol-1',
      name: 'data',
      filesystemType: 'xfs',
      deleteOnTermination: true,
      roleArn: 'arn',
      status,
    },
    ...change,
  })

const kept = volume(false)
const { attachment: _, ...free } = kept
const stopped = { lastStatus: 'STOPPED' } as const

describe('the volume of a task', () => {
  it('is in use once its host has attached it', () => {
    expect(volumeAfter(volume(), task('ATTACHED'))).toMatchObject({
      state: 'in-use',
      attachment: { state: 'attached' },
    })
  })

  it('stays as it is while nothing is new', () => {
    const before = volume()
    expect(volumeAfter(before, task('CREATED'))).toBe(before)
    expect(volumeAfter(before, task('ATTACHING'))).toBe(before)
    const attached = volumeAfter(before, task('ATTACHED'))!
    expect(volumeAfter(attached, task('ATTACHED'))).toBe(attached)
  })

  it('is being deleted, or only detached, once its task has ended', () => {
    expect(volumeAfter(volume(), task('DETACHING', stopped))?.state).toBe('deleting')
    expect(volumeAfter(kept, task('DETACHING', stopped))).toMatchObject({
      state: 'in-use',
      attachment: { state: 'detaching' },
    })
  })

  it('is gone once its host has deleted it', () => {
    expect(volumeAfter(volume(), task('DELETED', stopped))).toBeUndefined()
    expect(volumeAfter(kept, task('DELETED', stopped))).toBeUndefined()
  })

  it('is available once its host has detached it', () => {
    expect(volumeAfter(kept, task('DETACHED', stopped))).toEqual({ ...free, state: 'available' })
  })

  it('is gone with a task that no host ever began with', () => {
    expect(volumeAfter(kept, task('CREATED', stopped))).toBeUndefined()
  })

  it('is still there while the host of a lost task has not said that it has stopped', () => {
    const lost = task('CREATED', { ...stopped, stopUnconfirmed: true })
    expect(volumeAfter(kept, lost)).toBe(kept)
    const running = task('ATTACHED', { ...stopped, stopUnconfirmed: true })
    expect(volumeAfter(kept, running)?.state).toBe('in-use')
  })

  it('follows its termination policy when its task is history and its host said nothing', () => {
    expect(volumeAfter(volume(), undefined)).toBeUndefined()
    expect(volumeAfter(kept, undefined)).toEqual({ ...free, state: 'available' })
  })
})
