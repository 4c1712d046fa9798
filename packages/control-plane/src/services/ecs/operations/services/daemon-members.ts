/**
 * What a DAEMON service cannot have. The words are ECS's where its users have quoted them.
 * (AWS: "Amazon ECS service deployment controllers and strategies", "Daemon scheduling strategy")
 */
import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'
import type { ClusterRow } from '../../tables/index.ts'

/** Members that ECS refuses in both requests. Each check throws InvalidParameterException. */
const refuseMembers = (request: Partial<CreateServiceRequest & UpdateServiceRequest>): void => {
  const { deploymentConfiguration } = request
  if (request.desiredCount !== undefined)
    throw unlike('a desired count for services', 'Remove the desired count value')
  if ((deploymentConfiguration?.maximumPercent ?? 100) > 100)
    throw unlike(
      'values above 100 for maximumPercent on a deployment configuration',
      'Change the maximumPercent value to 100,',
    )
  if (deploymentConfiguration?.strategy && deploymentConfiguration.strategy !== 'ROLLING')
    throw unlike(
      `the ${deploymentConfiguration.strategy} deployment strategy`,
      'Change the deployment strategy to ROLLING',
    )
  if (request.volumeConfigurations?.length)
    throw unlike('volume configurations', 'Remove the volume configurations')
}

const noStrategy =
  'Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.'

export const checkNewDaemon = (request: CreateServiceRequest): void => {
  refuseMembers(request)
  if (request.placementStrategy?.length) throw unlike('placement strategies', 'Remove the placement strategy')
  if (request.launchType === 'FARGATE') throw unlike('the FARGATE launch type', 'Change the launch type')
  if (request.capacityProviderStrategy?.length) throw invalidParameter(noStrategy)
}

/** A daemon does not take its cluster's default strategy either: it has to name its launch type. */
export const refuseDefaultStrategy = ({ launchType }: CreateServiceRequest, cluster: ClusterRow): void => {
  if (launchType === undefined && cluster.defaultCapacityProviderStrategy.length > 0)
    throw invalidParameter(noStrategy)
}

/** Even an empty list of placement strategies is one too many: it is a change of something that is not there. */
export const checkChangedDaemon = (request: UpdateServiceRequest): void => {
  refuseMembers(request)
  if (request.placementStrategy !== undefined)
    throw unlike('placement strategies', 'Remove the placement strategy')
  if (request.capacityProviderStrategy?.length)
    throw unlike('capacity provider strategies', 'Remove the capacity provider strategy')
}

const unlike = (what: string, remedy: string): Error =>
  invalidParameter(`The daemon scheduling strategy does not support ${what}. ${remedy} and try again`)
