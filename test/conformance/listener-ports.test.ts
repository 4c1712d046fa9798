import { beforeEach, describe, expect, it } from 'vitest'
import { given } from '../../packages/control-plane/src/services/elbv2/fixtures/rows.ts'
import {
  type ListenerRow,
  listeners,
  loadBalancers,
} from '../../packages/control-plane/src/services/elbv2/index.ts'
import { useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, register, ready, run, report } = taskCalls(berth)

let host: string
beforeEach(async () => {
  host = await ready()
  await publish(8080)
})

const publish = (hostPort: number, protocol: 'tcp' | 'udp' = 'tcp') =>
  register({
    containerDefinitions: [
      {
        name: 'web',
        image: 'web:1',
        cpu: 16,
        memory: 32,
        portMappings: [{ containerPort: 80, hostPort, protocol }],
      },
    ],
  })
const listen = (change: Partial<ListenerRow> = {}, containerInstanceArn = host) =>
  berth.store.update(tx => {
    const carried = { frontAddress: '127.10.0.1', interfaceIds: [], containerInstanceArn }
    tx.put(loadBalancers, given.loadBalancer({ carried }))
    tx.put(listeners, given.listener({ port: 8080, ...change }))
  })
const reasons = async () => {
  const { failures = [] } = await berth.ecs.runTask({ taskDefinition: 'web' })
  return failures.map(({ reason }) => reason)
}

describe('a host port that a listener of a load balancer has on the host that carries it', () => {
  it('is RESOURCE:PORTS there, and free on another host and when the listener is gone', async () => {
    listen()
    expect(await reasons()).toEqual(['RESOURCE:PORTS'])
    const { failures } = await berth.ecs.startTask({ taskDefinition: 'web', containerInstances: [host] })
    expect(failures).toMatchObject([{ reason: 'RESOURCE:PORTS' }])
    const other = await connect()
    expect(await run()).toMatchObject({ containerInstanceArn: other })
    expect(await reasons()).toEqual(['RESOURCE:PORTS', 'RESOURCE:PORTS'])
    berth.store.update(tx => tx.delete(listeners, given.listener().id))
    expect(await run()).toMatchObject({ containerInstanceArn: host })
  })

  it('goes with the load balancer to another host', async () => {
    listen()
    expect(await reasons()).toEqual(['RESOURCE:PORTS'])
    listen({}, await connect())
    expect(await run()).toMatchObject({ containerInstanceArn: host })
  })

  it('is no hindrance on another port, in the other protocol, and for ports that the host chooses', async () => {
    listen({ port: 8081 })
    await report(await run(), 'STOPPED')
    listen({ port: 8080, protocol: 'UDP' })
    await report(await run(), 'STOPPED')
    await publish(8080, 'udp')
    listen({ port: 8080, protocol: 'TCP_UDP' })
    await run()
    await publish(0)
    await run()
  })

  it('is what a service says that it waits for', async () => {
    listen()
    await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 1 })
    berth.settle()
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services?.[0]?.events?.[0]?.message).toMatch(
      /was unable to place a task .* is already using a port required by your task/,
    )
  })
})
