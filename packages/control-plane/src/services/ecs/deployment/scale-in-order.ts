/** From a service's placement strategy to the order in which its tasks go. (AWS: "Use strategies to define Amazon ECS task placement") */
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import { attributesOf } from '../placement/attributes.ts'
import { containerInstances, type ServiceRow, tasks } from '../tables/index.ts'
import { type Fullness, type ScaleInOrder, zoneThenInstance } from './balance.ts'
import type { ServiceTask } from './rolling-update.ts'

/**
 * Zones first, then the other attributes that the strategy spreads over; inside them the instance that has the most left
 * where the strategy packs. A strategy that begins with packing looks at what is left alone.
 */
export const scaleInOrderOf = (view: View, { placementStrategy }: ServiceRow): ScaleInOrder => {
  const packs = placementStrategy.findIndex(({ type }) => type === 'binpack')
  const before = packs < 0 ? placementStrategy : placementStrategy.slice(0, packs)
  return {
    groupings: packs === 0 ? [] : [...zoneThenInstance.groupings, ...before.flatMap(otherGrouping(view))],
    fullness: packs < 0 ? [] : placementStrategy.flatMap(fullnessOf(view)),
  }
}

const otherGrouping =
  (view: View) =>
  ({ type, field }: PlacementStrategy): ScaleInOrder['groupings'] => {
    const name = type === 'spread' && field?.startsWith('attribute:') ? field.slice('attribute:'.length) : ''
    if (name === '' || name === 'ecs.availability-zone') return []
    return [
      ({ instance }) => {
        const row = view.get(containerInstances, instance)
        return (row && attributesOf(row).get(name)) ?? ''
      },
    ]
  }

const fullnessOf =
  (view: View) =>
  ({ type, field }: PlacementStrategy): ScaleInOrder['fullness'] => {
    if (type === 'binpack') return [leftAfter(view, field?.toLowerCase() === 'cpu' ? 'cpu' : 'memoryMiB')]
    return type === 'spread' && !field?.startsWith('attribute:') ? ['tasks'] : []
  }

/** What is left on the instance once the task is gone. */
const leftAfter = (view: View, resource: 'cpu' | 'memoryMiB'): Fullness => {
  const freed = new Map<string, number>()
  const sizeOf = ({ id }: ServiceTask): number => view.get(tasks, id)?.reserved[resource] ?? 0
  const free = ({ instance }: ServiceTask): number =>
    (view.get(containerInstances, instance)?.registered[resource] ?? 0) -
    (view.total(tasks, 'usageByInstance', instance)?.[resource] ?? 0)
  return {
    of: task => free(task) + (freed.get(task.instance) ?? 0) + sizeOf(task),
    taken: task => freed.set(task.instance, (freed.get(task.instance) ?? 0) + sizeOf(task)),
  }
}
