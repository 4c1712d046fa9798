/**
 * What services say of their targets: how many were registered and deregistered together, since each task comes and goes by
 * itself. (AWS: "Amazon ECS service event messages")
 */
import {
  append,
  type Plan,
  type Reconciler,
  remove,
  type Surroundings,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import {
  deregisteredTargets,
  drainingConnections,
  registeredTargets,
  serviceEvent,
} from '../deployment/service-events.ts'
import {
  type ServiceEventRecord,
  type ServiceRow,
  serviceEvents,
  services,
  type TargetNewsRow,
  targetNews,
} from '../tables/index.ts'

const nothing: Plan = { expects: [], steps: [] }

/** Tasks that start or stop together do so within a moment. ECS looks at a service every few seconds. */
const gatherMs = 1_000

/** A key is a service's ARN. */
export const targetEventReconciler: Reconciler = {
  name: 'ecs.target-events',
  keys: function* (view) {
    for (const { id } of view.all(targetNews)) yield id
  },
  tables: [targetNews],
  keysOf: ({ id, before }) => (before === undefined ? [id] : []),
  reconcile: (view, key, surroundings) => {
    const row = view.get(targetNews, key)
    if (row === undefined) return nothing
    const sayAt = row.since + gatherMs
    return surroundings.now < sayAt ? { ...nothing, wakeAt: sayAt } : said(view, row, surroundings)
  },
}

/** Of a service that is gone nothing is said. */
const said = (view: View, row: TargetNewsRow, surroundings: Surroundings): Plan => {
  const service = view.get(services, row.id)
  const events = service === undefined ? [] : eventsOf(service, row, surroundings)
  return {
    expects: [unchanged(view, targetNews, row.id)],
    steps: [remove(targetNews, row.id), ...events.map(event => append(serviceEvents, event))],
  }
}

const eventsOf = (
  service: ServiceRow,
  { registered, deregistered, draining }: TargetNewsRow,
  { now, randomHex }: Surroundings,
): ServiceEventRecord[] => {
  const say = (message: string, about?: string): ServiceEventRecord =>
    serviceEvent(service, message, now, randomHex(16), about)
  return [
    ...Object.entries(registered).map(([group, count]) => say(registeredTargets(count, group))),
    ...Object.entries(deregistered).map(([group, count]) => say(deregisteredTargets(count, group))),
    ...Object.entries(draining).map(([id, count]) => say(drainingConnections(count), aboutOf(service, id))),
  ]
}

/** As ECS names what is being replaced; what scales in is the service itself. */
const aboutOf = ({ primaryDeploymentId }: ServiceRow, deploymentId: string): string =>
  deploymentId === '' || deploymentId === primaryDeploymentId ? '' : `, taskSet ${deploymentId}`
