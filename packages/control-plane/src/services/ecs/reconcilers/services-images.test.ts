import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { payloadTask } from '../../../agents/payload.ts'
import { given } from '../fixtures/rows.ts'
import { type World, worldOf } from '../fixtures/service-world.ts'
import type { TaskRow } from '../tables/index.ts'

const digest = 'sha256:first'

const definitionOf = (change: Partial<ContainerDefinition> = {}) =>
  given.taskDefinition({
    containerDefinitions: [given.container({ versionConsistency: 'enabled', ...change })],
  })

const worldWith = (change?: Partial<ContainerDefinition>) =>
  worldOf({ taskDefinitions: [definitionOf(change)] })

const saysDigest = (world: World, task: TaskRow, imageDigest: string): void => {
  world.report(task, {
    containers: [{ containerName: 'web', status: 'PENDING', imageDigest }],
    imagesResolved: true,
  })
  world.run()
}

const payloadOf = (world: World, task: TaskRow) => {
  const deployment = world.deployments().find(({ id }) => id === task.deploymentId)
  return payloadTask(task, definitionOf(), { kind: 'berth' }, deployment)
}

describe('a deployment whose images are named by tags', () => {
  it('starts one task, and pins the others to the digests that it establishes', async () => {
    const world = await worldWith()
    world.run()
    expect(world.tasks()).toHaveLength(1)
    const [first] = world.tasks() as [TaskRow]
    expect(payloadOf(world, first)).toMatchObject({ resolvesImages: true, containers: [{ image: 'web:1' }] })
    saysDigest(world, first, digest)
    expect(world.tasks()).toHaveLength(3)
    expect(world.deployments()).toMatchObject([{ imageDigests: { web: digest } }])
    for (const task of world.tasks().slice(1)) {
      const payload = payloadOf(world, task)
      expect(payload.containers).toMatchObject([{ image: `web@${digest}` }])
      expect(payload).not.toHaveProperty('resolvesImages')
    }
    world.settle()
    expect(await world.events()).toContain('has reached a steady state.')
  })

  it('pins the replacements of its tasks, and what it grows by', async () => {
    const world = await worldWith()
    world.run()
    saysDigest(world, world.tasks()[0] as TaskRow, digest)
    world.settle()
    world.report(world.tasks()[0] as TaskRow, { status: 'STOPPED', stopCode: 'EssentialContainerExited' })
    world.change({ desiredCount: 5 })
    expect(world.tasks()).toHaveLength(5)
    for (const task of world.tasks())
      expect(payloadOf(world, task).containers).toMatchObject([{ image: `web@${digest}` }])
  })

  it('pins the replacement of its only task', async () => {
    const world = await worldWith()
    world.change({ desiredCount: 1 })
    world.run()
    saysDigest(world, world.tasks()[0] as TaskRow, digest)
    world.settle()
    world.report(world.tasks()[0] as TaskRow, { status: 'STOPPED', stopCode: 'EssentialContainerExited' })
    world.run()
    expect(world.tasks()).toHaveLength(1)
    expect(payloadOf(world, world.tasks()[0] as TaskRow).containers).toMatchObject([
      { image: `web@${digest}` },
    ])
  })

  it('is rolled back to with the digests that it established after it completed without a task', async () => {
    const world = await worldWith()
    world.change({ desiredCount: 0 })
    world.run()
    world.change({ desiredCount: 1 })
    world.run()
    saysDigest(world, world.tasks()[0] as TaskRow, digest)
    expect(world.service()?.lastCompleted).toMatchObject({
      deploymentId: world.deployments()[0]?.id,
      imageDigests: { web: digest },
    })
  })

  it('pins what it launches while another one replaces it', async () => {
    const world = await worldWith()
    world.change({ desiredCount: 0 })
    world.run()
    world.change({ desiredCount: 1 })
    world.deploy(2)
    const own = () => world.tasks().filter(task => task.deploymentId === 'ecs-svc/1')
    expect(own()).toHaveLength(1)
    const [first] = own() as [TaskRow]
    saysDigest(world, first, digest)
    world.report(first, { status: 'STOPPED', stopCode: 'EssentialContainerExited' })
    world.pass(60_000)
    expect(own()).toHaveLength(1)
    expect(payloadOf(world, own()[0] as TaskRow).containers).toMatchObject([{ image: `web@${digest}` }])
  })

  it('establishes digests anew in the next deployment', async () => {
    const world = await worldWith()
    world.run()
    saysDigest(world, world.tasks()[0] as TaskRow, digest)
    world.settle()
    world.deploy(2)
    const news = () => world.tasks().filter(task => task.deploymentId === 'ecs-svc/2')
    expect(news()).toHaveLength(1)
    saysDigest(world, news()[0] as TaskRow, 'sha256:second')
    expect(payloadOf(world, news()[1] as TaskRow).containers).toMatchObject([{ image: 'web@sha256:second' }])
  })

  it('goes on without digests when its image came from no registry', async () => {
    const world = await worldWith()
    world.run()
    world.report(world.tasks()[0] as TaskRow, { imagesResolved: true })
    world.run()
    expect(world.tasks()).toHaveLength(3)
    expect(payloadOf(world, world.tasks()[1] as TaskRow).containers).toMatchObject([{ image: 'web:1' }])
  })

  it('goes on when its first task runs, whatever its agent said of images', async () => {
    const world = await worldWith()
    world.run()
    world.obey()
    expect(world.tasks()).toHaveLength(3)
  })

  it('goes on without digests after three tasks that failed before', async () => {
    const world = await worldWith()
    world.run()
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(world.tasks()).toHaveLength(1)
      world.fail(world.tasks())
      world.pass(60_000)
    }
    expect(world.tasks()).toHaveLength(3)
    expect(world.deployments()).toMatchObject([{ imageDigests: {} }])
  })

  it.each([{ versionConsistency: 'disabled' as const }, { image: `web@${digest}` }])(
    'waits for nothing when there is nothing to establish: %o',
    async change => {
      const world = await worldWith(change)
      world.run()
      expect(world.tasks()).toHaveLength(3)
    },
  )
})
