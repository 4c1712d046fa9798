/** What tests of services with load balancers do again and again, on the control plane of their file. */
import type { CreateServiceRequest, LoadBalancer, Task } from '@aws-sdk/client-ecs'
import {
  given,
  listenerArn,
  targetGroupArn,
} from '../../packages/control-plane/src/services/elbv2/fixtures/rows.ts'
import {
  loadBalancers,
  rules,
  type TargetRow,
  targetGroups,
  targets,
} from '../../packages/control-plane/src/services/elbv2/index.ts'
import type { Berth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

export const blue: LoadBalancer = {
  targetGroupArn: targetGroupArn('blue'),
  containerName: 'web',
  containerPort: 80,
}
/** The rules of production and test traffic. */
export const production = given.rule().id
export const test = production.replace('9683', '9684')

export const loadBalancedCalls = (berth: Berth) => {
  const { ready, register, report, connect } = taskCalls(berth)

  const begin = async () => {
    await ready()
    await registerWithPort()
    berth.store.update(tx => {
      tx.put(loadBalancers, given.loadBalancer())
      tx.put(rules, given.rule())
      tx.put(rules, given.rule({ id: test, listenerArn: `${listenerArn()}1`, priority: 1 }))
      tx.put(
        targetGroups,
        given.targetGroup({ attributes: { 'deregistration_delay.timeout_seconds': '30' } }),
      )
      tx.put(targetGroups, given.targetGroup({ name: 'green' }))
      tx.put(targetGroups, given.targetGroup({ name: 'unused' }))
      tx.put(targetGroups, given.targetGroup({ name: 'addresses', targetType: 'ip' }))
    })
  }

  const registerWithPort = () =>
    register({
      containerDefinitions: [
        {
          name: 'web',
          image: 'web:1',
          versionConsistency: 'disabled',
          cpu: 16,
          memory: 32,
          portMappings: [{ containerPort: 80 }],
        },
      ],
    })

  const create = async (change: Partial<CreateServiceRequest> = {}) => {
    const { service } = await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      loadBalancers: [blue],
      ...change,
    })
    berth.settle()
    return service!
  }

  const tasksOf = async (desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<Task[]> => {
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus })
    return taskArns.length ? ((await berth.ecs.describeTasks({ tasks: taskArns })).tasks ?? []) : []
  }
  let hostPort = 32_767
  const lastHostPort = () => hostPort
  /** The hosts start what is PENDING, each with a host port of its own. */
  const startAll = async () => {
    for (const task of await tasksOf())
      if (task.lastStatus === 'PENDING') {
        hostPort += 1
        const networkBindings = [{ bindIP: '0.0.0.0', containerPort: 80, hostPort, protocol: 'tcp' as const }]
        await report(task, 'RUNNING', { networkBindings })
      }
    berth.settle()
  }
  const rows = (group = 'blue'): TargetRow[] => [
    ...berth.store.where(targets, 'byTargetGroup', targetGroupArn(group)),
  ]
  const find = (state: 'healthy' | 'unhealthy', group = 'blue', more: object = {}) => {
    berth.store.update(tx => {
      for (const row of rows(group)) tx.put(targets, { ...row, health: { state, ...more } })
    })
    berth.settle()
  }
  const described = async () => (await berth.ecs.describeServices({ services: ['web'] })).services![0]!
  const events = async () => ((await described()).events ?? []).map(({ message }) => message)
  const weightsOf = (rule: string) =>
    berth.store
      .get(rules, rule)
      ?.actions[0]?.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn, Weight }) => [
        TargetGroupArn?.split('/')[1],
        Weight,
      ])

  return {
    begin,
    connect,
    registerWithPort,
    create,
    tasksOf,
    report,
    startAll,
    rows,
    find,
    described,
    events,
    weightsOf,
    lastHostPort,
  }
}
