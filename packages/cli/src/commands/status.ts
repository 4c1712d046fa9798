import {
  type Cluster,
  DescribeClustersCommand,
  DescribeServicesCommand,
  type ECSClient,
  paginateListClusters,
  paginateListServices,
  type Service,
} from '@aws-sdk/client-ecs'
import type { LoadBalancerAddress } from '@berth/client'
import { resolverAddress } from '@berth/model'
import { berthClient, ecsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { endpointOf } from '../configuration.ts'
import { resolverAnswers } from '../dns/answers.ts'
import { readHealth } from '../health.ts'
import { listLoadBalancers } from '../listing/load-balancers.ts'
import { pausedServices } from '../listing/paused-services.ts'
import { standingOf } from '../listing/service-standing.ts'
import { shortName } from '../listing/words.ts'
import type { Output } from '../output.ts'

const listClusters = async (client: ECSClient): Promise<Cluster[]> => {
  const clusters: Cluster[] = []
  for await (const page of paginateListClusters({ client, pageSize: 100 }, {})) {
    if (page.clusterArns === undefined || page.clusterArns.length === 0) continue
    const described = await client.send(new DescribeClustersCommand({ clusters: page.clusterArns }))
    clusters.push(...(described.clusters ?? []))
  }
  return clusters
}

const listServices = async (client: ECSClient, cluster: string): Promise<Service[]> => {
  const services: Service[] = []
  for await (const page of paginateListServices({ client, pageSize: 10 }, { cluster })) {
    if (page.serviceArns === undefined || page.serviceArns.length === 0) continue
    const described = await client.send(new DescribeServicesCommand({ cluster, services: page.serviceArns }))
    services.push(...(described.services ?? []))
  }
  return services
}

const serviceRow = (service: Service, isPaused: boolean, output: Output): string[] => {
  const { wanted, deployments, isSteady } = standingOf(service)
  return [
    service.serviceName ?? '-',
    shortName(service.clusterArn),
    shortName(service.taskDefinition),
    output.colour(isSteady ? 'green' : 'yellow', `${service.runningCount}/${wanted}`),
    String(deployments),
    isPaused ? output.colour('yellow', 'PAUSED') : (service.status ?? '-'),
  ]
}

const loadBalancerRow = (
  { loadBalancerName = '-', state = '-', address = '-', dnsName = '-' }: LoadBalancerAddress,
  output: Output,
): string[] => [
  loadBalancerName,
  output.colour(state === 'active' ? 'green' : 'yellow', state),
  address,
  dnsName,
]

/** None without rows. */
const showTable = (output: Output, header: string[], rows: string[][]): void => {
  if (rows.length === 0) return
  output.line('')
  output.table(header, rows)
}

const run = async ({ configuration, output }: Invocation): Promise<number> => {
  const health = await readHealth(configuration)
  if (health === undefined) {
    output.show({ status: 'down' }, () => output.line(`Nothing answers at ${endpointOf(configuration)}.`))
    return 1
  }
  const client = ecsClient(configuration)
  const own = berthClient(configuration)
  const { clusters, services, paused, loadBalancers } = await talking(configuration, async () => {
    const found = await listClusters(client)
    const lists = await Promise.all(
      found.map(({ clusterArn }) => listServices(client, clusterArn ?? 'default')),
    )
    const paused = await Promise.all(
      found.map(({ clusterArn }) => pausedServices(own, clusterArn ?? 'default')),
    )
    const loadBalancers = await listLoadBalancers(own)
    return { clusters: found, services: lists.flat(), paused: paused.flat(), loadBalancers }
  })
  const pausedArns = new Set(paused.map(({ serviceArn }) => serviceArn))
  const resolver = { address: resolverAddress, answers: await resolverAnswers() }
  const shown = {
    ...health,
    endpoint: endpointOf(configuration),
    clusters,
    services,
    pausedServices: paused,
    loadBalancers,
    resolver,
  }
  output.show(shown, () => {
    output.line(`Berth ${health.version} answers at ${endpointOf(configuration)}`)
    output.line(
      `Its resolver on this machine, ${resolver.address}, ${resolver.answers ? 'answers' : 'does not answer'}`,
    )
    output.line('')
    output.table(
      ['CLUSTER', 'INSTANCES', 'RUNNING', 'PENDING', 'SERVICES'],
      clusters.map(cluster => [
        cluster.clusterName ?? '-',
        String(cluster.registeredContainerInstancesCount),
        String(cluster.runningTasksCount),
        String(cluster.pendingTasksCount),
        String(cluster.activeServicesCount),
      ]),
    )
    showTable(
      output,
      ['SERVICE', 'CLUSTER', 'DEFINITION', 'TASKS', 'DEPLOYMENTS', 'STATUS'],
      services.map(service => serviceRow(service, pausedArns.has(service.serviceArn), output)),
    )
    showTable(
      output,
      ['LOAD BALANCER', 'STATE', 'ADDRESS', 'NAME'],
      loadBalancers.map(one => loadBalancerRow(one, output)),
    )
  })
  return 0
}

export const status: Command = {
  name: 'status',
  summary:
    'Say whether Berth answers, and show its clusters, services and load balancers; exit code 1 when it is down',
  usage: '',
  options: {},
  positionals: [0, 0],
  run,
}
