/** The configuration of `terraform-load-balancers/`: a VPC, load balancers of every kind, and a service of Fargate behind one. */
import { BerthClient, ListLoadBalancerAddressesCommand } from '@berth/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Berth } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { missingForTerraform, noChanges, Terraform } from './terraform-program.ts'

const problem = missingForTerraform()

describe.skipIf(problem !== undefined)(`Terraform${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let berth: Berth
  let own: BerthClient
  let terraform: Terraform
  beforeEach(async () => {
    makeBusyboxImage()
    berth = await Berth.start({
      server: { BERTH_LOAD_BALANCER_ADDRESSES: '127.77.18.0/24' },
      agent: { BERTH_INGRESS: 'true', BERTH_FARGATE: 'true' },
    })
    own = new BerthClient(berth.clientSettings)
    terraform = new Terraform('terraform-load-balancers', { endpoint: berth.endpoint, image: busybox })
    await terraform.init()
  })
  afterEach(async () => {
    await terraform?.end()
    own?.destroy()
    await berth?.stop()
  })

  /** What the service says through its load balancer. */
  const shop = async (): Promise<string> => {
    const { loadBalancers } = await own.send(new ListLoadBalancerAddressesCommand({}))
    const web = loadBalancers?.find(({ loadBalancerName }) => loadBalancerName === 'web')
    const answer = await fetch(`http://${web?.address}/shop/`)
    return (await answer.text()).trim()
  }

  it('makes, sees no drift, changes in place and destroys load balancers, and the service that is reached through one', async () => {
    expect(await terraform.apply(1)).toContain('Apply complete! Resources: 33 added, 0 changed, 0 destroyed.')
    expect(await shop()).toBe('release 1')
    expect(await terraform.plan(1)).toContain(noChanges)
    // A target on another port takes the place of the one before, as does a task definition.
    expect(await terraform.apply(2)).toContain('Apply complete! Resources: 2 added, 29 changed, 2 destroyed.')
    expect(await shop()).toBe('release 2')
    expect(await terraform.plan(2)).toContain(noChanges)
    expect(await terraform.do('destroy', '-auto-approve', '-var', 'release=2')).toContain(
      'Destroy complete! Resources: 33 destroyed.',
    )
    expect((await own.send(new ListLoadBalancerAddressesCommand({}))).loadBalancers).toEqual([])
  }, 600_000)
})
