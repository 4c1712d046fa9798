/** The configuration of `terraform/`: what ECS has. */
import { DescribeServicesCommand, ListServicesCommand } from '@aws-sdk/client-ecs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Berth } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { missingForTerraform, noChanges, Terraform } from './terraform-program.ts'

/** What the provider can tell whole from what Berth answers; of a service it imports the revision by its name. */
const imports = {
  'aws_ecs_account_setting_default.insights': 'containerInsights',
  'aws_ecs_cluster.empty': 'empty',
  'aws_ecs_service.external': 'default/external',
  'aws_ecs_service.plain': 'default/plain',
  'aws_ecs_tag.team': 'arn:aws:ecs:us-east-1:000000000000:cluster/default,team',
  'aws_ecs_task_definition.full': 'arn:aws:ecs:us-east-1:000000000000:task-definition/full:2',
}

const problem = missingForTerraform()

describe.skipIf(problem !== undefined)(`Terraform${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let berth: Berth
  let terraform: Terraform
  beforeEach(async () => {
    makeBusyboxImage()
    berth = await Berth.start({ server: { BERTH_TASK_SETTLE_MS: '100' } })
    terraform = new Terraform('terraform', { endpoint: berth.endpoint, image: busybox })
    await terraform.init()
  })
  afterEach(async () => {
    await terraform?.end()
    await berth?.stop()
  })

  it('makes, sees no drift, changes in place, imports and destroys what ECS has', async () => {
    expect(await terraform.apply(1)).toContain('Apply complete! Resources: 13 added, 0 changed, 0 destroyed.')
    expect(await terraform.plan(1)).toContain(noChanges)

    // Another revision of a task definition, and a task set of it, take the place of what was there.
    expect(await terraform.apply(2)).toContain('Apply complete! Resources: 3 added, 9 changed, 3 destroyed.')
    const services = ['rolling', 'external']
    const described = await berth.ecs.send(new DescribeServicesCommand({ services }))
    expect(described.services?.map(({ desiredCount, runningCount }) => [desiredCount, runningCount])).toEqual(
      [
        [3, 3],
        [2, 2],
      ],
    )

    await terraform.forget(Object.keys(imports))
    terraform.import(imports)
    expect(await terraform.apply(2)).toContain(
      `Apply complete! Resources: ${Object.keys(imports).length} imported, 0 added, 0 changed, 0 destroyed.`,
    )

    await terraform.do('destroy', '-auto-approve', '-refresh=false', '-var', 'release=2')
    expect((await berth.ecs.send(new ListServicesCommand({}))).serviceArns).toEqual([])
  }, 600_000)
})
