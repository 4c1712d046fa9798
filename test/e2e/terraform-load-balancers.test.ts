/**
 * The configuration of `terraform-load-balancers/`, against Elastic Load Balancing and EC2 in this process: the test plays the
 * hosts that carry load balancers.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadBalancers } from '../../packages/control-plane/src/services/elbv2/index.ts'
import { certificates, Elbv2Endpoint } from '../conformance/elbv2/elbv2-endpoint.ts'
import { missingForTerraform, noChanges, Terraform } from './terraform-program.ts'

/** What hosts do once they are there. */
const carryAll = ({ store }: Elbv2Endpoint): void =>
  store.update(tx => {
    for (const row of [...tx.all(loadBalancers)])
      if (row.state.code !== 'active') tx.put(loadBalancers, { ...row, state: { code: 'active' } })
  })

interface Answer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

const serve = (berth: Elbv2Endpoint): Server =>
  createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    carryAll(berth)
    const asked = {
      method,
      path: url,
      headers: headers as Record<string, string>,
      body: await buffer(request),
    }
    const answer: Answer = (await berth.requestHandler.handle(asked)).response
    response.writeHead(answer.statusCode, answer.headers).end(answer.body)
  })

const problem = missingForTerraform()

describe.skipIf(problem !== undefined)(`Terraform${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let berth: Elbv2Endpoint
  let server: Server
  let terraform: Terraform
  beforeEach(async () => {
    berth = await Elbv2Endpoint.start()
    server = serve(berth).listen(0, '127.0.0.1')
    const { port } = await new Promise<AddressInfo>(resolve =>
      server.once('listening', () => resolve(server.address() as AddressInfo)),
    )
    terraform = new Terraform('terraform-load-balancers', {
      endpoint: `http://127.0.0.1:${port}`,
      certificates: certificates.join(','),
    })
    await terraform.init()
  })
  afterEach(async () => {
    await terraform?.end()
    server.close()
  })

  it('makes, sees no drift, changes in place and destroys load balancers and what belongs to them', async () => {
    expect(await terraform.apply(1)).toContain('Apply complete! Resources: 15 added, 0 changed, 0 destroyed.')
    expect(await terraform.plan(1)).toContain(noChanges)
    // A target on another port takes the place of the one before.
    expect(await terraform.apply(2)).toContain('Apply complete! Resources: 1 added, 12 changed, 1 destroyed.')
    expect(await terraform.plan(2)).toContain(noChanges)
    expect(await terraform.do('destroy', '-auto-approve', '-var', 'release=2')).toContain(
      'Destroy complete! Resources: 15 destroyed.',
    )
    expect((await berth.elb.describeTargetGroups({})).TargetGroups).toEqual([])
  }, 600_000)
})
