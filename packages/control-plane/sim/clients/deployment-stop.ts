import type { DescribeServiceDeploymentsResponse, ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import { serviceKey } from './acknowledged.ts'
import type { Caller } from './caller.ts'

/** The ARN of a service's deployment that is under way. */
export const deploymentUnderWay = async (
  { client, cluster }: Caller,
  service: string,
): Promise<string | undefined> => {
  const status = ['PENDING', 'IN_PROGRESS']
  const listed = await client.call('ListServiceDeployments', { cluster, service, status })
  if (listed.kind !== 'done') return undefined
  return (listed.output as ListServiceDeploymentsResponse).serviceDeployments?.[0]?.serviceDeploymentArn
}

/** Stops what is under way, with a roll-back or without. */
export const stopDeployment = async (
  caller: Caller,
  service: string,
  stopTypes: readonly string[],
): Promise<void> => {
  const { client, known, cluster, world } = caller
  const serviceDeploymentArn = await deploymentUnderWay(caller, service)
  if (serviceDeploymentArn === undefined) return
  known.stoppedServices.add(serviceKey(cluster, service))
  const stopType = world.random.pick(stopTypes)
  const outcome = await client.call('StopServiceDeployment', { serviceDeploymentArn, stopType })
  if (outcome.kind !== 'done') return
  const shown = await client.call('DescribeServiceDeployments', {
    serviceDeploymentArns: [serviceDeploymentArn],
  })
  if (shown.kind !== 'done') return
  const [found] = (shown.output as DescribeServiceDeploymentsResponse).serviceDeployments ?? []
  if (found?.status !== undefined) known.shownAfterStop.set(serviceDeploymentArn, found.status)
}
