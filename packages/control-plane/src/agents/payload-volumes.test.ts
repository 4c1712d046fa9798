import { expect, test } from 'vitest'
import { given } from '../services/ecs/fixtures/rows.ts'
import type { TaskVolume } from '../services/ecs/tables/index.ts'
import { type AgentFlavour, payloadTask } from './payload.ts'

const ours: AgentFlavour = { kind: 'berth' }
const official: AgentFlavour = { kind: 'ecs', awslogsEndpoint: 'http://berth:4566' }

test("Where a task's file system is served goes with it to Berth's agent, and to no other", () => {
  const volumes = [{ name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }]
  const mountTarget = { address: '10.0.0.5', accessPoints: { 'fsap-1': { path: '/app' } } }
  const sentTo = (flavour: AgentFlavour) => {
    const definition = given.taskDefinition({ volumes })
    const served = (id: string) => (id === 'fs-1' ? mountTarget : undefined)
    return payloadTask(given.task(1), definition, flavour, undefined, served).volumes
  }
  expect(sentTo(ours)?.[0]?.efsVolumeConfiguration).toEqual({ fileSystemId: 'fs-1', mountTarget })
  expect(sentTo(official)?.[0]?.efsVolumeConfiguration).toEqual({ rootDirectory: '/', fileSystemId: 'fs-1' })
})

test("The volume that a task has got goes with it to Berth's agent, and to no other", () => {
  const volume: TaskVolume = {
    attachmentId: 'attachment-1',
    volumeId: 'vol-1',
    name: 'data',
    sizeInGiB: 10,
    filesystemType: 'ext4',
    deleteOnTermination: false,
    roleArn: 'arn:aws:iam::123456789012:role/ecs',
    status: 'CREATED',
  }
  const definition = given.taskDefinition({ volumes: [{ name: 'data', configuredAtLaunch: true }] })
  const sentTo = (flavour: AgentFlavour) =>
    payloadTask(given.task(1, { volume }), definition, flavour).volumes
  expect(sentTo(ours)).toEqual([
    {
      name: 'data',
      type: 'configuredAtLaunch',
      ebs: {
        attachmentId: 'attachment-1',
        volumeId: 'vol-1',
        sizeInGiB: 10,
        filesystemType: 'ext4',
        deleteOnTermination: false,
      },
    },
  ])
  expect(sentTo(official)).toEqual([{ name: 'data', type: 'configuredAtLaunch' }])
})
