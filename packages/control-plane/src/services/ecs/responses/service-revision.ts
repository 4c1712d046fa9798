import type { ServiceRevision } from '@aws-sdk/client-ecs'
import { timestamp } from '../../timestamp.ts'
import { usedPlatform } from '../fargate/platform.ts'
import { targetGroupOf } from '../load-balancing/targets-of-task.ts'
import type { ServiceRevisionRecord } from '../tables/index.ts'

export const serviceRevisionResponse = (
  record: ServiceRevisionRecord,
  clusterArn: string,
): ServiceRevision => ({
  serviceRevisionArn: record.id,
  serviceArn: record.serviceArn,
  clusterArn,
  taskDefinition: record.taskDefinitionArn,
  launchType: record.launchType,
  loadBalancers: [...(record.loadBalancers ?? [])],
  serviceRegistries: [],
  networkConfiguration: record.networkConfiguration,
  ...usedPlatform(record.platform),
  containerImages: [...record.containerImages],
  guardDutyEnabled: false,
  volumeConfigurations: record.volumeConfigurations?.length ? [...record.volumeConfigurations] : undefined,
  createdAt: timestamp(record.createdAt),
  ...(record.loadBalancers?.length && {
    resolvedConfiguration: {
      loadBalancers: record.loadBalancers.map(balancer => ({
        targetGroupArn: targetGroupOf(balancer, record.usesAlternateTargetGroups === true),
        productionListenerRule: balancer.advancedConfiguration?.productionListenerRule,
      })),
    },
  }),
})
