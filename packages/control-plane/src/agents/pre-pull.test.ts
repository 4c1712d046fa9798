import { describe, expect, it, test } from 'vitest'
import { given, instanceArn, storeWith } from '../services/ecs/fixtures/rows.ts'
import { deployment, service } from '../services/ecs/fixtures/service-world.ts'
import {
  deployments,
  services,
  type TaskDefinitionRow,
  taskDefinitions,
} from '../services/ecs/tables/index.ts'
import { openGateway, settle } from './gateway-fixture.ts'
import { prePullOf } from './pre-pull.ts'

const remote = 'registry.example/web:1'
const definitionOf = (...images: string[]) =>
  given.taskDefinition({
    containerDefinitions: images.map((image, index) => given.container({ name: `c${index}`, image })),
  })

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

  it('are not pulled for a service of no tasks', async () => {
    expect(prePullOf(await storeOf(definitionOf(remote), 0), 'ecs-svc/1').images).toEqual([])
  })
})

test('An agent is told to pull ahead once the deployment is on disk', async () => {
  const { connect, store } = await openGateway()
  const agent = connect()
  store.update(tx => {
    tx.put(taskDefinitions, definitionOf(remote))
    tx.put(services, service())
    tx.put(deployments, deployment(1))
  })
  await settle()
  expect(agent.heard('BerthPrePull')).toEqual([{ images: [remote] }])
})
