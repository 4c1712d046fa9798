import { expect, it } from 'vitest'
import { given } from '../../../elbv2/fixtures/rows.ts'
import { rules, targetGroups } from '../../../elbv2/index.ts'
import { storeWith } from '../../fixtures/rows.ts'
import type { TaskDefinitionRow } from '../../tables/index.ts'
import { loadBalancerRouter } from './load-balancer-router.ts'

it.each(['UDP', 'TCP_UDP'] as const)(
  'Tasks in a VPC are refused a target group of %s, by which they would get no datagram',
  async protocol => {
    const store = await storeWith({})
    const group = given.targetGroup({ targetType: 'ip', protocol })
    store.update(tx => {
      tx.put(targetGroups, group)
      tx.put(rules, given.rule())
    })
    const portMappings = [{ containerPort: 53 }]
    const definition = { networkMode: 'awsvpc', containerDefinitions: [{ name: 'dns', portMappings }] }
    const service = {
      loadBalancers: [{ targetGroupArn: group.id, containerName: 'dns', containerPort: 53 }],
      strategy: 'ROLLING',
      taskDefinition: { definition } as TaskDefinitionRow,
    }
    expect(() => loadBalancerRouter.check(store, service)).toThrow(
      `The target group ${group.id} has the protocol ${protocol}, which does not reach tasks of the network mode awsvpc: not supported by Berth.`,
    )
    store.update(tx => {
      tx.put(targetGroups, { ...group, protocol: 'TCP' })
    })
    loadBalancerRouter.check(store, service)
  },
)
