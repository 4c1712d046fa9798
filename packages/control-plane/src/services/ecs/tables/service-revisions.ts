import type { ContainerImage } from '@aws-sdk/client-ecs'
import { parseArn, serviceRevisionArn } from '@berth/model'
import { defineHistory, type Millis } from '../../../store/table.ts'
import type { DeploymentRow } from './services.ts'

/**
 * What a service was made of at one time. The revisions that a service runs are told by the rows of their deployments,
 * which have the same number; this is what stays of those that are gone.
 */
export interface ServiceRevisionRecord
  extends Pick<
    DeploymentRow,
    | 'serviceArn'
    | 'taskDefinitionArn'
    | 'launchType'
    | 'networkConfiguration'
    | 'platform'
    | 'volumeConfigurations'
    | 'loadBalancers'
    | 'usesAlternateTargetGroups'
    | 'createdAt'
  > {
  /** Its ARN. */
  readonly id: string
  /** The service's createdAt: ECS deletes a service's revisions with it. */
  readonly serviceCreatedAt: Millis
  readonly containerImages: readonly ContainerImage[]
}

export const pastServiceRevisions = defineHistory<ServiceRevisionRecord>({
  name: 'ecs.pastServiceRevisions',
  key: record => record.serviceArn,
  keepPerKey: 1_000,
})

/** The ARN of the revision that a deployment, `ecs-svc/DIGITS`, deploys. */
export const revisionArnOf = (serviceArn: string, deploymentId: string): string => {
  const { region = '', accountId = '', resource = '' } = parseArn(serviceArn) ?? {}
  const [, cluster = '', service = ''] = resource.split('/')
  return serviceRevisionArn({ region, accountId }, cluster, service, deploymentId.slice('ecs-svc/'.length))
}
