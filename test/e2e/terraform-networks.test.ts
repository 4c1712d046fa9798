/** The configuration of `terraform-networks/`: a VPC with two kinds of subnets, and what filters and leads its traffic. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Berth } from './berth.ts'
import { missingForTerraform, noChanges, Terraform } from './terraform-program.ts'

const problem = missingForTerraform()

describe.skipIf(problem !== undefined)(`Terraform${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let berth: Berth
  let terraform: Terraform
  beforeEach(async () => {
    berth = await Berth.start()
    terraform = new Terraform('terraform-networks', { endpoint: berth.endpoint })
    await terraform.init()
  })
  afterEach(async () => {
    await terraform?.end()
    await berth?.stop()
  })

  it('makes, sees no drift, changes in place and destroys what EC2 has of networks', async () => {
    expect(await terraform.apply(1)).toContain('Apply complete! Resources: 32 added, 0 changed, 0 destroyed.')
    expect(await terraform.plan(1)).toContain(noChanges)
    expect(await terraform.apply(2)).toContain('Apply complete! Resources: 0 added, 24 changed, 0 destroyed.')
    expect(await terraform.plan(2)).toContain(noChanges)
    expect(await terraform.do('destroy', '-auto-approve', '-var', 'release=2')).toContain(
      'Destroy complete! Resources: 32 destroyed.',
    )
  }, 600_000)
})
