import type { DeploymentRow } from '../tables/index.ts'

/**
 * Tasks that a service starts alike, and what became of their launches: those of a deployment, or of a task set. Its id
 * is the tasks' `startedBy` and `deploymentId`.
 */
export type Cohort = Pick<
  DeploymentRow,
  | 'id'
  | 'taskDefinitionArn'
  | 'launchType'
  | 'networkConfiguration'
  | 'platform'
  | 'volumeConfigurations'
  | 'loadBalancers'
  | 'imageDigests'
  | 'failedLaunches'
  | 'failedTasks'
  | 'lastFailureAt'
  | 'launchAfter'
  | 'impairedAt'
  | 'createdAt'
  | 'updatedAt'
>
