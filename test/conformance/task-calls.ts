/** What tests of tasks do again and again, on the control plane of their file. */
import type { Attribute, RegisterTaskDefinitionRequest, Task } from '@aws-sdk/client-ecs'
import { expect } from 'vitest'
import { containerInstances } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import type { Berth } from './harness.ts'

/** What a host must have for the definitions of these tests. */
const dockerVersions = ['1.17', '1.18', '1.19', '1.20', '1.21', '1.22', '1.24']

export const taskCalls = (berth: Berth) => {
  /** A host whose agent is connected; the test is its agent. */
  const connect = async (
    resources: { cpu?: number; memory?: number; gpuIds?: readonly string[]; attributes?: Attribute[] } = {},
  ): Promise<string> => {
    const { containerInstance } = await berth.ecs.registerContainerInstance({
      cluster: 'default',
      attributes: [
        { name: 'ecs.cpu-architecture', value: 'x86_64' },
        { name: 'berth.agent' },
        ...(resources.attributes ?? []),
        ...dockerVersions.map(version => ({
          name: `com.amazonaws.ecs.capability.docker-remote-api.${version}`,
        })),
      ],
      totalResources: [
        { name: 'CPU', type: 'INTEGER', integerValue: resources.cpu ?? 2048 },
        { name: 'MEMORY', type: 'INTEGER', integerValue: resources.memory ?? 4096 },
        { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22'] },
        { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
      ],
      platformDevices: (resources.gpuIds ?? []).map(id => ({ id, type: 'GPU' })),
    })
    const id = containerInstance?.containerInstanceArn ?? ''
    setConnected(id, true)
    return id
  }

  const setConnected = (id: string, agentConnected: boolean): void => {
    const row = berth.store.get(containerInstances, id)!
    berth.store.update(tx =>
      tx.put(containerInstances, {
        ...row,
        agentConnected,
        disconnectedAt: agentConnected ? undefined : berth.clock.now(),
      }),
    )
  }

  const register = (change: Partial<RegisterTaskDefinitionRequest> = {}) =>
    berth.ecs.registerTaskDefinition({
      family: 'web',
      containerDefinitions: [
        {
          name: 'web',
          image: 'web:1',
          versionConsistency: 'disabled',
          cpu: 256,
          memory: 512,
          memoryReservation: 256,
          essential: true,
        },
      ],
      ...change,
    })

  const ready = async (): Promise<string> => {
    await berth.ecs.createCluster({ clusterName: 'default' })
    await register({ tags: [{ key: 'team', value: 'a' }] })
    return connect()
  }

  const run = async (change: object = {}): Promise<Task> => {
    const { tasks, failures } = await berth.ecs.runTask({ taskDefinition: 'web', ...change })
    expect(failures).toEqual([])
    return tasks![0]!
  }

  /** What the agent of the host says of the only container of a task. */
  const report = (task: Task, status: string, container: object = {}, change: object = {}) =>
    berth.ecs.submitTaskStateChange({
      cluster: 'default',
      task: task.taskArn!,
      status,
      containers: [{ containerName: 'web', status, ...container }],
      ...change,
    })

  const described = async (task: Task, include?: 'TAGS'): Promise<Task> => {
    const { tasks } = await berth.ecs.describeTasks({
      cluster: 'default',
      tasks: [task.taskArn!],
      ...(include && { include: [include] }),
    })
    return tasks![0]!
  }

  return { connect, setConnected, register, ready, run, report, described }
}
