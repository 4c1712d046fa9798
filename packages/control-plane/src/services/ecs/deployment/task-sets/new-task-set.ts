import type { Surroundings } from '../../../../control-loop/plan.ts'
import type { TaskSetRow } from '../../tables/index.ts'
import { newDeploymentId } from '../new-deployment.ts'

type Specified = Pick<
  TaskSetRow,
  | 'serviceArn'
  | 'clusterArn'
  | 'taskDefinitionArn'
  | 'launchType'
  | 'networkConfiguration'
  | 'platform'
  | 'loadBalancers'
  | 'scale'
  | 'externalId'
  | 'startedBy'
  | 'clientTokenId'
  | 'tags'
>

/** A task set without tasks. Its id is like a deployment's. */
export const newTaskSet = (
  specified: Specified,
  { now, randomHex }: Pick<Surroundings, 'now' | 'randomHex'>,
): TaskSetRow => ({
  ...specified,
  id: newDeploymentId(randomHex),
  status: 'ACTIVE',
  createdAt: now,
  updatedAt: now,
  computedDesiredCount: 0,
  stabilityStatus: 'STABILIZING',
  stabilityStatusAt: now,
  failedLaunches: 0,
  failedTasks: 0,
})
