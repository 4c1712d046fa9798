/** Local hosts as the server knows them: container instances with the attribute that names the host. */
import {
  type ContainerInstance,
  CreateClusterCommand,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  type ECSClient,
  paginateListContainerInstances,
} from '@aws-sdk/client-ecs'
import { CommandFailure } from '../failures.ts'
import { hostAttribute } from './host-records.ts'

const nameOf = (instance: ContainerInstance): string | undefined =>
  instance.attributes?.find(({ name }) => name === hostAttribute)?.value

/** By the host's name. */
export const instancesOf = async (
  client: ECSClient,
  cluster: string,
): Promise<Map<string, ContainerInstance>> => {
  const found = new Map<string, ContainerInstance>()
  const pages = paginateListContainerInstances(
    { client, pageSize: 100 },
    { cluster, filter: `attribute:${hostAttribute} exists` },
  )
  for await (const { containerInstanceArns = [] } of pages) {
    if (containerInstanceArns.length === 0) continue
    const { containerInstances = [] } = await client.send(
      new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
    )
    for (const instance of containerInstances) {
      const name = nameOf(instance)
      if (name !== undefined) found.set(name, instance)
    }
  }
  return found
}

/** By force: its tasks end with the host. */
export const deregister = async (
  client: ECSClient,
  cluster: string,
  containerInstance: string | undefined,
): Promise<void> => {
  await client.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true }))
}

/** As an agent does, it makes the cluster `default`, and no other. */
export const ensureCluster = async (client: ECSClient, cluster: string): Promise<void> => {
  if (cluster === 'default') {
    await client.send(new CreateClusterCommand({}))
    return
  }
  const { clusters = [] } = await client.send(new DescribeClustersCommand({ clusters: [cluster] }))
  if (clusters[0]?.status !== 'ACTIVE') throw new CommandFailure(`There is no cluster ${cluster}.`)
}
