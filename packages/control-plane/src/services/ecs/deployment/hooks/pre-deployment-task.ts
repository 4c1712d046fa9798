/**
 * **Berth**: the task that a service runs before each deployment's own: a migration of its database. To a deployment it is
 * one more life-cycle hook. (docs/migrations.md)
 */
import type { ContainerDefinition, DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import { lastSegment, scopeOfArn } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { invalidParameter } from '../../errors.ts'
import { activeTaskDefinition } from '../../references.ts'
import { type ServiceDeploymentRow, type ServiceRow, tasks } from '../../tables/index.ts'

type Specified = Pick<
  ServiceRow,
  | 'id'
  | 'taskDefinitionArn'
  | 'launchType'
  | 'networkConfiguration'
  | 'placementConstraints'
  | 'preDeploymentTask'
>

/**
 * What a deployment that begins now will run; undefined where the service has no such task. Throws what RunTask would:
 * a deployment that cannot begin is refused.
 */
export const preDeploymentOf = (view: View, service: Specified): ServiceDeploymentRow['preDeployment'] => {
  const { preDeploymentTask: wanted, launchType, networkConfiguration } = service
  const placementConstraints = service.placementConstraints.filter(({ type }) => type === 'memberOf')
  if (wanted === undefined) return undefined
  const { command, container, timeoutInMinutes } = wanted
  const reference = wanted.taskDefinition ?? service.taskDefinitionArn
  const { id: taskDefinition, definition } = activeTaskDefinition(view, scopeOfArn(service.id), reference)
  const name = command && mainContainerOf(definition.containerDefinitions ?? [], container)
  return {
    task: {
      taskDefinition,
      ...(launchType && { launchType }),
      ...(definition.networkMode === 'awsvpc' && networkConfiguration && { networkConfiguration }),
      ...(placementConstraints.length > 0 && { placementConstraints }),
      ...(command && { overrides: { containerOverrides: [{ name, command: [...command] }] } }),
    },
    timeoutInMinutes,
  }
}

/** The one that is named, the only one, or the only essential one. Throws InvalidParameterException. */
export const mainContainerOf = (containers: readonly ContainerDefinition[], named?: string): string => {
  const names = containers.map(({ name = '' }) => name)
  if (named !== undefined) {
    if (names.includes(named)) return named
    throw invalidParameter(
      `The pre-deployment task has no container ${named}: its task definition has ${names.join(', ')}.`,
    )
  }
  const [only, ...others] =
    containers.length === 1 ? containers : containers.filter(({ essential }) => essential !== false)
  if (only?.name !== undefined && others.length === 0) return only.name
  throw invalidParameter(`Name the container that gets the command: one of ${names.join(', ')}.`)
}

/** A deployment's hooks: those of its configuration, and its pre-deployment task. */
export const lifecycleHooksOf = ({
  deploymentConfiguration,
  preDeployment,
}: Pick<
  ServiceDeploymentRow,
  'deploymentConfiguration' | 'preDeployment'
>): readonly DeploymentLifecycleHook[] => {
  const { lifecycleHooks = [] } = deploymentConfiguration
  if (preDeployment === undefined) return lifecycleHooks
  const { task, timeoutInMinutes } = preDeployment
  return [
    ...lifecycleHooks,
    {
      hookTargetArn: task.taskDefinition,
      targetType: 'AWS_LAMBDA',
      lifecycleStages: ['PRE_SCALE_UP'],
      timeoutConfiguration: { timeoutInMinutes, action: 'ROLLBACK' },
    },
  ]
}

/** The pre-deployment tasks of a service have all the same `startedBy`. */
export const startedByOf = (serviceArn: string): string => `pre-deployment/${lastSegment(serviceArn)}`

/** One of an earlier deployment, which was overtaken, may run still: it is let to its end, and no other runs beside it. */
export const runsPreDeploymentTask = (view: View, clusterArn: string, serviceArn: string): boolean => {
  for (const desired of ['RUNNING', 'STOPPED'])
    for (const task of view.where(
      tasks,
      'byStartedBy',
      `${clusterArn}|${startedByOf(serviceArn)}|${desired}`,
    ))
      if (task.lastStatus !== 'STOPPED') return true
  return false
}
