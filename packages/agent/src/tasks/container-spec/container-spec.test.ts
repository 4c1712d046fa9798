import { describe, expect, it } from 'vitest'
import { container, payload } from '../tasks-fixtures.ts'
import { containerSpec, engineContainerName, knownBindings } from './index.ts'

const context = {
  incarnation: 'i',
  containerInstanceArn: 'instance',
  region: 'eu-west-1',
  agentLogging: { driver: 'json-file', options: { 'max-size': '1m' } },
}

describe('what the engine is asked to create', () => {
  it('carries Amazon\u2019s labels, whatever labels the definition has', () => {
    const app = container('app', {
      definition: { dockerLabels: { team: 'a', 'com.amazonaws.ecs.task-arn': 'mine' } },
    })
    const task = payload('a', [app])
    expect(containerSpec(task, app, context).labels).toEqual({
      team: 'a',
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.container-name': 'app',
      'com.amazonaws.ecs.task-definition-family': 'web',
      'com.amazonaws.ecs.task-definition-version': '7',
      'com.amazonaws.ecs.cluster': task.taskClusterArn,
      'berth.incarnation': 'i',
      'berth.container-instance': 'instance',
    })
  })

  it('has the same name for the same task and container always, and another for every other', () => {
    const name = engineContainerName(payload('a'), 'app')
    expect(name).toMatch(/^ecs-web-7-app-[0-9a-f]{20}$/)
    expect(engineContainerName(payload('a'), 'app')).toBe(name)
    expect(engineContainerName(payload('b'), 'app')).not.toBe(name)
  })

  it('raises limits that an engine would refuse, and leaves the task\u2019s own to its cgroup', () => {
    const small = container('app', { cpu: 0, memory: 1 })
    expect(containerSpec(payload('a', [small]), small, context)).toMatchObject({
      cpuShares: 2,
      memoryBytes: 6 * 1024 * 1024,
    })
    const unlimited = container('app', { memory: 0 })
    expect(
      containerSpec(payload('a', [unlimited], { memory: 512, cpu: 0.5 }), unlimited, context),
    ).not.toHaveProperty('memoryBytes')
  })

  it('takes the command of the overrides, and passes other log drivers on to the engine', () => {
    const app = container('app', {
      command: ['a'],
      overrides: '{"command":["b","c"]}',
      definition: { logConfiguration: { logDriver: 'syslog', options: { tag: 'x' } } },
    })
    expect(containerSpec(payload('a', [app]), app, context)).toMatchObject({
      command: ['b', 'c'],
      logging: { driver: 'syslog', options: { tag: 'x' } },
    })
  })
})

describe('network bindings', () => {
  const port = (hostPort: number) =>
    container('app', { portMappings: [{ containerPort: 80, hostPort, protocol: 'tcp' }] })
  it('are known without asking, unless the engine chooses a port', () => {
    const bound = [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' }]
    expect(knownBindings(payload('a'), port(8080))).toEqual(bound)
    expect(knownBindings(payload('a'), port(0))).toBeUndefined()
    expect(knownBindings(payload('a', [], { networkMode: 'host' }), port(0))).toMatchObject([
      { hostPort: 80 },
    ])
    expect(knownBindings(payload('a', [], { networkMode: 'none' }), port(0))).toEqual([])
  })
})
