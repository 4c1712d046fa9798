/** Container instances as EC2 shows them. */
import { type Scope, scopeKey } from '@berth/model'
import type { View } from '../../store/view.ts'
import type { HostInstance, HostInstances } from '../ec2/index.ts'
import { type ContainerInstanceRow, clusters, containerInstances } from './tables/index.ts'

const attribute = ({ attributes }: ContainerInstanceRow, wanted: string): string | undefined =>
  attributes.findLast(({ name }) => name === wanted)?.value

const architectureOf = (row: ContainerInstanceRow): HostInstance['architecture'] => {
  const text = attribute(row, 'ecs.cpu-architecture')
  return text === 'x86_64' || text === 'arm64' ? text : undefined
}

/** Undefined of one that EC2 has no id for, and of one that was deregistered. */
const hostInstance = (row: ContainerInstanceRow): HostInstance | undefined =>
  row.ec2InstanceId === undefined || row.status === 'INACTIVE'
    ? undefined
    : {
        id: row.id,
        instanceId: row.ec2InstanceId,
        availabilityZone: attribute(row, 'ecs.availability-zone'),
        privateAddress: attribute(row, 'berth.underlay-address'),
        architecture: architectureOf(row),
        isLost: row.lostAt !== undefined,
        launchedAt: row.registeredAt,
        tags: row.tags,
      }

function* all(view: View, scope: Scope): Iterable<HostInstance> {
  for (const cluster of view.where(clusters, 'byScope', scopeKey(scope)))
    for (const row of view.where(containerInstances, 'byCluster', cluster.id)) {
      const host = hostInstance(row)
      if (host) yield host
    }
}

const find = (view: View, scope: Scope, instanceId: string): HostInstance | undefined => {
  const [row] = view.where(containerInstances, 'byEc2Instance', `${scopeKey(scope)}|${instanceId}`)
  return row && hostInstance(row)
}

export const hostInstances: HostInstances = { all, find }
