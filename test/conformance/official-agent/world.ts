/** What the tests of the official agent have around them: a server and one agent on one host, anew for each test. */
import type { RegisterTaskDefinitionRequest, RunTaskRequest } from '@aws-sdk/client-ecs'
import { afterEach, beforeEach } from 'vitest'
import { ScriptedAgent } from './scripted-agent.ts'
import { Server } from './server.ts'

export interface World {
  readonly server: Server
  readonly agent: ScriptedAgent
}

/** `const world = useWorld()`, then `world.agent` inside of tests. */
export const useWorld = (): World => {
  const world = {} as { server: Server; agent: ScriptedAgent }
  beforeEach(async () => {
    world.server = await Server.start()
    world.agent = new ScriptedAgent(world.server)
  })
  afterEach(() => world.server.stop())
  return world
}

export const container = {
  name: 'web',
  image: 'registry.example/web:1',
  cpu: 128,
  memory: 64,
  essential: true,
}

export const taskCalls = (world: World) => {
  const define = (change: Partial<RegisterTaskDefinitionRequest> = {}) =>
    world.server.ecs.registerTaskDefinition({
      family: 'web',
      containerDefinitions: [container],
      ...change,
    })

  /** The ARNs of tasks of the definition, on the agent's host. */
  const run = async (change: Partial<RunTaskRequest> = {}): Promise<readonly string[]> => {
    const { tasks = [], failures } = await world.server.ecs.runTask({
      taskDefinition: 'web',
      launchType: 'EXTERNAL',
      ...change,
    })
    if (tasks.length === 0) throw new Error(JSON.stringify(failures))
    return tasks.map(({ taskArn = '' }) => taskArn)
  }

  const defineAndRun = async (change: Partial<RegisterTaskDefinitionRequest> = {}): Promise<string> => {
    await define(change)
    const [task = ''] = await run()
    return task
  }

  const described = async (task: string) => {
    const { tasks } = await world.server.ecs.describeTasks({ tasks: [task], include: ['TAGS'] })
    return tasks?.[0]
  }

  const host = async () => {
    const { containerInstances } = await world.server.ecs.describeContainerInstances({
      containerInstances: [world.agent.instanceArn],
      include: ['TAGS', 'CONTAINER_INSTANCE_HEALTH'],
    })
    return containerInstances?.[0]
  }

  return { define, run, defineAndRun, described, host }
}
