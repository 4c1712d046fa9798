import { ListLoadBalancerAddressesCommand } from '@berth/client'
import { describe, expect, it } from 'vitest'
import { given } from '../../../packages/control-plane/src/services/elbv2/fixtures/rows.ts'
import {
  type LoadBalancerRow,
  loadBalancers,
} from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { accountId, refusal, useBerth } from '../harness.ts'

const berth = useBerth()

const idOf = (name: string, account = accountId): string =>
  `arn:aws:elasticloadbalancing:us-east-1:${account}:loadbalancer/app/${name}/50dc6c495c0c9188`
const containerInstanceArn = `arn:aws:ecs:us-east-1:${accountId}:container-instance/default/one`
const put = (change: Partial<LoadBalancerRow>): void => {
  berth.store.update(tx => tx.put(loadBalancers, given.loadBalancer(change)))
}

describe('ListLoadBalancerAddresses', () => {
  it("tells where each of the caller's load balancers listens, and on which host, page by page", async () => {
    const carried = { frontAddress: '127.10.0.1', interfaceIds: [], containerInstanceArn }
    put({ id: idOf('api'), name: 'api', dnsName: 'api.berth.internal', state: { code: 'active' }, carried })
    put({ id: idOf('web'), name: 'web', dnsName: 'web.berth.internal' })
    put({ id: idOf('theirs', '999988887777'), name: 'theirs' })
    const first = await berth.own.send(new ListLoadBalancerAddressesCommand({ maxResults: 1 }))
    expect(first.loadBalancers).toEqual([
      {
        loadBalancerArn: idOf('api'),
        loadBalancerName: 'api',
        dnsName: 'api.berth.internal',
        state: 'active',
        address: '127.10.0.1',
        containerInstanceArn,
      },
    ])
    const { nextToken } = first
    const second = await berth.own.send(new ListLoadBalancerAddressesCommand({ nextToken }))
    expect(second.loadBalancers).toEqual([
      {
        loadBalancerArn: idOf('web'),
        loadBalancerName: 'web',
        dnsName: 'web.berth.internal',
        state: 'provisioning',
      },
    ])
    expect(second.nextToken).toBeUndefined()
  })

  it('refuses pages that there are not, and who may not ask', async () => {
    const asked = berth.own.send(new ListLoadBalancerAddressesCommand({ nextToken: 'x' }))
    expect(await refusal(asked)).toEqual(['InvalidParameterException', 'Invalid nextToken.'])
    const [code, message] = await refusal(berth.ownOfNobody.send(new ListLoadBalancerAddressesCommand({})))
    expect([code, message]).toEqual([
      'AccessDeniedException',
      expect.stringContaining('berth:ListLoadBalancerAddresses'),
    ])
  })
})
