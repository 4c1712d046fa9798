/** What tests of container instances do again and again, on the control plane of their file. */
import type { ContainerInstance, RegisterContainerInstanceRequest, Resource } from '@aws-sdk/client-ecs'
import { expect } from 'vitest'
import { type Berth, startedAt } from './harness.ts'

export const integer = (name: string, integerValue: number): Resource => ({
  name,
  type: 'INTEGER',
  doubleValue: 0,
  longValue: 0,
  integerValue,
})
export const ports = (name: string, ...stringSetValue: string[]): Resource => ({
  name,
  type: 'STRINGSET',
  doubleValue: 0,
  longValue: 0,
  integerValue: 0,
  stringSetValue,
})

const document = {
  instanceId: 'i-0abc',
  instanceType: 'm7i.large',
  imageId: 'ami-1',
  availabilityZone: 'us-east-1b',
}

/** A registration with every member. */
export const whole = {
  cluster: 'blue',
  instanceIdentityDocument: JSON.stringify(document),
  instanceIdentityDocumentSignature: 'signature',
  totalResources: [
    integer('CPU', 2048),
    integer('MEMORY', 3768),
    ports('PORTS', '22', '2376'),
    ports('PORTS_UDP', '53'),
  ],
  versionInfo: { agentVersion: '1.105.1', agentHash: 'abc', dockerVersion: 'DockerVersion: 20.10.24' },
  attributes: [
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'com.amazonaws.ecs.capability.privileged-container' },
    { name: 'rack', value: 'r1', targetType: 'container-instance', targetId: 'x' },
  ],
  platformDevices: [{ id: 'GPU-1', type: 'GPU' }],
  tags: [{ key: 'team', value: 'ships' }],
} satisfies RegisterContainerInstanceRequest

const registeredResources = [...whole.totalResources, ports('GPU', 'GPU-1')]

/** What becomes of `whole`. */
export const wholeInstance = (id: string) => ({
  containerInstanceArn: id,
  ec2InstanceId: 'i-0abc',
  version: expect.any(Number),
  versionInfo: whole.versionInfo,
  remainingResources: registeredResources,
  registeredResources,
  status: 'ACTIVE',
  agentConnected: false,
  runningTasksCount: 0,
  pendingTasksCount: 0,
  attributes: [
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'com.amazonaws.ecs.capability.privileged-container' },
    { name: 'rack', value: 'r1' },
    { name: 'ecs.availability-zone', value: 'us-east-1b' },
    { name: 'ecs.instance-type', value: 'm7i.large' },
    { name: 'ecs.ami-id', value: 'ami-1' },
  ],
  registeredAt: startedAt,
  attachments: [],
  tags: whole.tags,
})

export const containerInstanceCalls = (berth: Berth) => {
  const register = async (change: Partial<RegisterContainerInstanceRequest> = {}): Promise<string> => {
    const { containerInstance } = await berth.ecs.registerContainerInstance({ ...whole, ...change })
    return containerInstance?.containerInstanceArn ?? ''
  }

  const blue = () => berth.ecs.createCluster({ clusterName: 'blue' })

  const describeOne = async (
    id: string,
    include?: ('TAGS' | 'CONTAINER_INSTANCE_HEALTH')[],
  ): Promise<ContainerInstance> => {
    const { containerInstances: found } = await berth.ecs.describeContainerInstances({
      cluster: 'blue',
      containerInstances: [id],
      ...(include && { include }),
    })
    return found![0]!
  }

  return { register, blue, describeOne }
}
