import type { Cluster, ClusterField, KeyValuePair } from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import { type ClusterRow, containerInstances, services, tasks } from '../tables/index.ts'

/** What DescribeClusters shows only when it is asked to; the operations that change a cluster show what they change. */
export const everyClusterField: readonly ClusterField[] = ['CONFIGURATIONS', 'SETTINGS', 'TAGS']

/** A cluster as the API shows it, with the optional parts in `include`. */
export const clusterResponse = (view: View, row: ClusterRow, include: readonly ClusterField[]): Cluster => {
  const counts = view.total(tasks, 'countsByCluster', row.id)
  return {
    clusterArn: row.id,
    clusterName: row.name,
    ...(include.includes('CONFIGURATIONS') && { configuration: row.configuration }),
    status: row.status,
    registeredContainerInstancesCount: registeredInstances(view, row),
    runningTasksCount: counts?.running ?? 0,
    pendingTasksCount: counts?.pending ?? 0,
    activeServicesCount: view.count(services, 'byCluster', `${row.id}|ACTIVE`),
    statistics: include.includes('STATISTICS') ? statisticsOf(view, row) : [],
    tags: include.includes('TAGS') ? [...row.tags] : [],
    settings: include.includes('SETTINGS') ? [...row.settings] : [],
    capacityProviders: [...row.capacityProviders],
    defaultCapacityProviderStrategy: [...row.defaultCapacityProviderStrategy],
    ...(include.includes('ATTACHMENTS') && { attachments: [] }),
    serviceConnectDefaults: row.serviceConnectDefaults,
  }
}

/** INACTIVE ones are no longer registered. */
export const registeredInstances = (view: View, { id }: ClusterRow): number =>
  view.count(containerInstances, 'byClusterAndStatus', `${id}|ACTIVE`) +
  view.count(containerInstances, 'byClusterAndStatus', `${id}|DRAINING`)

const launchTypes = [
  ['EC2', 'EC2'],
  ['Fargate', 'FARGATE'],
  ['External', 'EXTERNAL'],
] as const

/** Numbers as text, by launch type. */
const statisticsOf = (view: View, row: ClusterRow): KeyValuePair[] => [
  ...launchTypes.flatMap(([word, launchType]) => {
    const counts = view.total(tasks, 'countsByClusterAndLaunchType', `${row.id}|${launchType}`)
    return [
      { name: `running${word}TasksCount`, value: String(counts?.running ?? 0) },
      { name: `pending${word}TasksCount`, value: String(counts?.pending ?? 0) },
    ]
  }),
  ...(['ACTIVE', 'DRAINING'] as const).flatMap(status => {
    const rows = [...view.where(services, 'byCluster', `${row.id}|${status}`)]
    return launchTypes.map(([word, launchType]) => ({
      name: `${status.toLowerCase()}${word}ServiceCount`,
      value: String(rows.filter(service => (service.launchType ?? 'EC2') === launchType).length),
    }))
  }),
]
