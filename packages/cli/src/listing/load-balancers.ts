import { type BerthClient, ListLoadBalancerAddressesCommand, type LoadBalancerAddress } from '@berth/client'

/** All of the account and region, page after page. */
export const listLoadBalancers = async (client: BerthClient): Promise<LoadBalancerAddress[]> => {
  const loadBalancers: LoadBalancerAddress[] = []
  let nextToken: string | undefined
  do {
    const page = await client.send(new ListLoadBalancerAddressesCommand({ nextToken }))
    loadBalancers.push(...(page.loadBalancers ?? []))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return loadBalancers
}
