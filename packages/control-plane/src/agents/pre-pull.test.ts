import { describe, expect, it } from 'vitest'
import { newTaskSet } from '../services/ecs/deployment/task-sets/new-task-set.ts'
import { given, instanceArn, storeWith } from '../services/ecs/fixtures/rows.ts'
import { deployment, service } from '../services/ecs/fixtures/service-world.ts'
import {
  deployments,
  services,
  type TaskDefinitionRow,
  taskDefinitions,
  taskSets,
} from '../services/ecs/tables/index.ts'
import type { Transaction } from '../store/view.ts'
import { openGateway, settle } from './gateway-fixture.ts'
import { prePullOf } from './pre-pull.ts'

const remote = 'registry.example/web:1'
const definitionOf = (...images: string[]) =>
  given.taskDefinition({
    containerDefinitions: images.map((image, index) => given.container({ name: `c${index}`, image })),
  })

const taskSet = newTaskSet(
  {
    serviceArn: service().id,
    clusterArn: given.cluster.id,
    taskDefinitionArn: service().taskDefinitionArn,
    launchType: 'EC2',
    scale: { value: 0, unit: 'PERCENT' },
    tags: [],
  },
  { now: 1, randomHex: () => '12' },
)

const small = { registered: { cpu: 0, memoryMiB: 0, ports: [], gpuIds: [] } }

const storeOf = async (definition: TaskDefinitionRow, desiredCount = 4) => {
  const store = await storeWith({
    instances: [given.instance(1), given.instance(2), given.instance(3, small), given.instance(4, small)],
    tasks: [
      given.task(1, {
        containerInstanceArn: instanceArn(4),
        group: 'service:web',
        serviceArn: service().id,
        lastStatus: 'RUNNING',
      }),
    ],
    taskDefinitions: [definition],
  })
  store.update(tx => {
    tx.put(services, service({ desiredCount }))
    tx.put(deployments, deployment(1, { desiredCount }))
  })
  return store
}

describe('the images of a new deployment', () => {
  it('are pulled by the hosts that have room for its tasks, and by those that run older ones', async () => {
    const { images, containerInstanceArns } = prePullOf(await storeOf(definitionOf(remote)), 'ecs-svc/1')
    expect(images).toEqual([remote])
    expect([...containerInstanceArns].sort()).toEqual([instanceArn(1), instanceArn(2), instanceArn(4)])
  })

  it('are pulled only from a registry that they name', async () => {
    const store = await storeOf(definitionOf('web:1', 'team/web:1', remote, remote))
    expect(prePullOf(store, 'ecs-svc/1').images).toEqual([remote])
  })

  it('are pulled for a new task set, too, as for all tasks of its service', async () => {
    const store = await storeOf(definitionOf(remote))
    store.update(tx => tx.put(taskSets, taskSet))
    const { images, containerInstanceArns } = prePullOf(store, taskSet.id)
    expect(images).toEqual([remote])
    expect([...containerInstanceArns].sort()).toEqual([instanceArn(1), instanceArn(2), instanceArn(4)])
  })

  it('are not pulled for a service of no tasks', async () => {
    expect(prePullOf(await storeOf(definitionOf(remote), 0), 'ecs-svc/1').images).toEqual([])
  })
})

const heardOf = async (change: (tx: Transaction) => void) => {
  const { connect, store } = await openGateway()
  const agent = connect()
  store.update(tx => {
    tx.put(taskDefinitions, definitionOf(remote))
    tx.put(services, service())
    change(tx)
  })
  await settle()
  return agent.heard('BerthPrePull')
}

describe('an agent', () => {
  it('is told to pull ahead once the deployment is on disk', async () => {
    expect(await heardOf(tx => tx.put(deployments, deployment(1)))).toEqual([{ images: [remote] }])
  })

  it('is told so of a new task set, and not of one that was a deployment', async () => {
    expect(await heardOf(tx => tx.put(taskSets, taskSet))).toEqual([{ images: [remote] }])
    expect(await heardOf(tx => tx.put(taskSets, { ...taskSet, wasDeployment: true }))).toEqual([])
  })
})
