import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  listenerFact,
  loadBalancerFact,
  targetFact,
  groupFact as targetGroupFact,
} from '../../packages/agent/src/ingress/ingress-fixtures.ts'
import { startWorld, type World } from '../../packages/agent/src/ingress/ingress-world.ts'
import { eventually } from './berth.ts'
import { anyProtocol, everywhere, groupFact, interfaceFact, VpcHosts, vpcFacts } from './vpc-hosts.ts'

let hosts: VpcHosts
let world: World | undefined
beforeEach(() => {
  hosts = new VpcHosts()
})
afterEach(async () => {
  await world?.stop()
  await hosts.remove()
})

const firstWords = (address: string): Promise<string | undefined> =>
  new Promise(resolve => {
    const socket = connect(80, address)
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('data', words => {
      resolve(String(words))
      socket.destroy()
    })
    socket.once('error', () => resolve(undefined))
    socket.once('close', () => resolve(undefined))
  })

it('A load balancer reaches targets of its VPC by its own interface, as their security groups let it', async () => {
  const host = await hosts.host(1)
  const balancer = interfaceFact(2, 20, '', {
    groupIds: ['sg-balancer'],
    holder: { kind: 'load-balancer', loadBalancerArn: 'arn:lb' },
  })
  const fromBalancer = { ...anyProtocol, peer: { blocks: [`${balancer.address}/32`] } }
  host.tell([...vpcFacts, groupFact('sg-1', [fromBalancer]), groupFact('sg-balancer', [everywhere])])
  const task = interfaceFact(1, 10, hosts.task())
  host.tell([task, balancer])
  await host.networks?.attach(task.interfaceId)
  if (task.holder.kind === 'task') await hosts.listen(task.holder.taskArn, 80, 'task')

  const name = host.networks?.loadBalancerNamespace(balancer.interfaceId) ?? ''
  const frontAddress = '127.76.0.1'
  const tcp = {
    protocol: 'TCP',
    healthCheck: { ...targetGroupFact('blue').healthCheck, protocol: 'TCP' },
  } as const
  world = startWorld(
    [
      loadBalancerFact({ type: 'network', frontAddress, interfaceId: balancer.interfaceId }),
      listenerFact(80, { protocol: 'TCP' }),
      targetGroupFact('blue', tcp),
      targetFact('blue', 80, { address: task.address, targetId: task.address, isInVpc: true }),
    ],
    () => {
      const found = statSync(`/run/netns/${name}`, { throwIfNoEntry: false })
      return found && { name, number: found.ino }
    },
  )
  await world.until(() => world?.health(80)?.state === 'healthy')
  expect(await firstWords(frontAddress)).toBe('task')
  // The group of the task closes: the load balancer is the one that it names.
  host.tell([groupFact('sg-1', [])])
  await eventually('the task is silent', async () => (await firstWords(frontAddress)) === undefined)
})
