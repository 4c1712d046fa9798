import { AwsError } from '@berth/aws-api'

/** ECS's refusals, in its own words: one function each, so that a message is written once. */

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message)

/** What ECS says of requests that are well-formed and still cannot be done. */
export const clientException = (message: string): AwsError => new AwsError('ClientException', message)

export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.')
export const clusterInactive = (): AwsError =>
  new AwsError('ClusterNotFoundException', 'The referenced cluster was inactive.')

export const clusterContainsServices = (): AwsError =>
  new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
export const clusterContainsTasks = (): AwsError =>
  new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.')
export const clusterContainsContainerInstances = (): AwsError =>
  new AwsError(
    'ClusterContainsContainerInstancesException',
    'The Cluster cannot be deleted while Container Instances are active or draining.',
  )

export const serviceNotFound = (): AwsError => new AwsError('ServiceNotFoundException', 'Service not found.')
export const serviceNotActive = (): AwsError =>
  new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')

export const serviceDeploymentNotFound = (): AwsError =>
  new AwsError('ServiceDeploymentNotFoundException', 'The service deployment does not exist.')
export const namespaceNotFound = (namespace: string): AwsError =>
  new AwsError('NamespaceNotFoundException', `Failed to retrieve namespace for ${namespace}`)

export const taskSetNotFound = (): AwsError => new AwsError('TaskSetNotFoundException', 'TaskSet not found.')

export const taskNotFound = (): AwsError => invalidParameter('The referenced task was not found.')
export const containerInstanceNotFound = (id: string): AwsError =>
  clientException(`Referenced container instance ${id} not found.`)

/** Where a task definition is described or deregistered. */
export const cannotDescribeTaskDefinition = (): AwsError =>
  clientException('Unable to describe task definition.')
/** Where tasks or services are to be made of one. */
export const taskDefinitionNotFound = (): AwsError => clientException('TaskDefinition not found.')
export const taskDefinitionInactive = (): AwsError => invalidParameter('TaskDefinition is inactive')

export const targetNotFound = (message: string): AwsError => new AwsError('TargetNotFoundException', message)
export const attributeLimitExceeded = (message: string): AwsError =>
  new AwsError('AttributeLimitExceededException', message)
export const resourceNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified resource could not be found.')
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message)

export const conflict = (message: string, resourceIds: readonly string[]): AwsError =>
  new AwsError('ConflictException', message, { members: { resourceIds } })

export const unsupportedFeature = (message: string): AwsError =>
  new AwsError('UnsupportedFeatureException', message)

/** An action on something that is not the caller's own, where its resource is known to the handler only. */
export const accessDenied = (arn: string, action: string, resource: string): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`,
  )
export const execNotEnabled = (): AwsError =>
  invalidParameter(
    "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't running. Wait and try again or run a new task with execute command enabled and try again.",
  )
export const targetNotConnected = (): AwsError =>
  new AwsError(
    'TargetNotConnectedException',
    'The execute command failed due to an internal error. Try again later.',
  )
export const noUpdateAvailable = (): AwsError =>
  new AwsError('NoUpdateAvailableException', 'There is no update available for your container agent.')
export const missingVersion = (): AwsError =>
  new AwsError('MissingVersionException', 'The version of the container agent is not known.')
