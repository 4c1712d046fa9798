import { type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import { append, type Plan, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import { hookCallKind } from '../deployment/hooks/hook-targets.ts'
import { hasResolved } from '../deployment/image-resolution.ts'
import { ServiceDraft } from '../deployment/service-draft.ts'
import { healthSettingsOf, planService, type ServiceSettings } from '../deployment/service-plan.ts'
import { TaskSetDraft } from '../deployment/task-sets/task-set-draft.ts'
import { planTaskSets } from '../deployment/task-sets/task-set-plan.ts'
import { usesTaskSets } from '../deployment/task-sets/uses-task-sets.ts'
import { shiftKind } from '../deployment/traffic/traffic-router.ts'
import {
  type ContainerInstanceRow,
  clientTokens,
  clusterZone,
  containerInstances,
  type DeploymentRow,
  deployments,
  endedServiceDeployments,
  type ServiceDeploymentRow,
  type ServiceRow,
  serviceDeployments,
  services,
  type TaskRow,
  type TaskSetRow,
  taskSets,
  tasks,
} from '../tables/index.ts'

const nothing: Plan = { expects: [], steps: [] }

/** Keeps services at their desired count, and rolls their deployments. A key is a service's ARN. */
export const serviceReconciler = (settings: ServiceSettings): Reconciler => ({
  name: 'ecs.services',
  keys: function* (view) {
    for (const { id } of view.all(services)) yield id
  },
  tables: [services, deployments, serviceDeployments, taskSets, tasks, containerInstances, effects],
  keysOf: ({ table, id, before, after }, view) => {
    switch (table.name) {
      case services.name:
        return [id]
      case deployments.name:
        return serviceOf((after ?? before) as DeploymentRow)
      case serviceDeployments.name:
        return serviceOf((after ?? before) as ServiceDeploymentRow)
      case taskSets.name:
        return serviceOf((after ?? before) as TaskSetRow)
      case effects.name:
        return servicesOfEffect((after ?? before) as EffectRow)
      case tasks.name:
        return concerns(before as TaskRow | undefined, after as TaskRow | undefined)
          ? serviceOf((after ?? before) as TaskRow)
          : []
      case containerInstances.name:
        return concernedBy(
          view,
          before as ContainerInstanceRow | undefined,
          after as ContainerInstanceRow | undefined,
        )
      default:
        return []
    }
  },
  reconcile: (view, key, surroundings) => {
    const service = view.get(services, key)
    if (service === undefined) return nothing
    if (service.status === 'INACTIVE') return retire(view, service, surroundings.now, settings)
    if (usesTaskSets(service)) {
      const draft = new TaskSetDraft(view, service, surroundings)
      planTaskSets(draft, healthSettingsOf(service, settings))
      return draft.plan()
    }
    const draft = new ServiceDraft(view, service, surroundings)
    planService(draft, settings)
    return draft.plan()
  },
})

const serviceOf = ({ serviceArn }: { readonly serviceArn?: string | undefined }): string[] =>
  serviceArn === undefined ? [] : [serviceArn]

/** As many instances may become ACTIVE in one commit. (AWS: UpdateContainerInstancesState, `containerInstances`) */
const mostAtOnce = 10

/**
 * Each instance concerns the DAEMON services of its cluster: one is to be started, or not to be there any more. The first ones
 * of a zone concern all that are balanced over zones.
 */
function* concernedBy(
  view: View,
  before: ContainerInstanceRow | undefined,
  after: ContainerInstanceRow | undefined,
): Iterable<string> {
  const instance = after ?? before
  if (instance === undefined || !isNews(before, after)) return
  for (const { id } of view.where(services, 'daemons', instance.clusterArn)) yield id
  if (!instance.agentConnected || instance.status !== 'ACTIVE') return
  const inZone = view.total(containerInstances, 'connectedByZone', clusterZone(instance) ?? '')
  if ((inZone?.instances ?? 0) > mostAtOnce) return
  for (const { id } of view.where(services, 'rebalanced', instance.clusterArn)) yield id
}

const isNews = (before: ContainerInstanceRow | undefined, after: ContainerInstanceRow | undefined): boolean =>
  before?.status !== after?.status ||
  before?.agentConnected !== after?.agentConnected ||
  before?.attributes !== after?.attributes

/** What was asked of the outside for a service names it. */
const servicesOfEffect = ({ kind, request }: EffectRow): string[] =>
  kind === hookCallKind || kind === shiftKind ? serviceOf(request as { readonly serviceArn: string }) : []

/** Most reports say nothing that a service acts on. */
const concerns = (before: TaskRow | undefined, after: TaskRow | undefined): boolean =>
  before?.lastStatus !== after?.lastStatus ||
  before?.desiredStatus !== after?.desiredStatus ||
  before?.healthStatus !== after?.healthStatus ||
  before?.targetHealth !== after?.targetHealth ||
  before?.onDrainingInstance !== after?.onDrainingInstance ||
  before?.protectedUntil !== after?.protectedUntil ||
  before?.stopUnconfirmed !== after?.stopUnconfirmed ||
  (before !== undefined && after !== undefined && hasResolved(before) !== hasResolved(after))

/** An INACTIVE service is forgotten after a while, with its clientToken; what it deployed, and its events, stay in history. */
const retire = (view: View, service: ServiceRow, now: number, { keepInactiveMs }: ServiceSettings): Plan => {
  const forgetAt = (service.inactiveAt ?? now) + keepInactiveMs
  if (now < forgetAt) return { ...nothing, wakeAt: forgetAt }
  const { id, clientTokenId } = service
  const expects = [unchanged(view, services, id)]
  const steps = [remove(services, id)]
  for (const row of view.where(serviceDeployments, 'byService', id)) {
    expects.push(unchanged(view, serviceDeployments, row.id))
    steps.push(append(endedServiceDeployments, row), remove(serviceDeployments, row.id))
  }
  const token = clientTokenId === undefined ? undefined : view.get(clientTokens, clientTokenId)
  // A token that was used again after a day is another service's.
  if (token?.resourceArns.includes(id)) {
    expects.push(unchanged(view, clientTokens, token.id))
    steps.push(remove(clientTokens, token.id))
  }
  return { expects, steps }
}
