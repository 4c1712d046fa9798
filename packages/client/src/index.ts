/**
 * The client of Berth's own service, which does what ECS's users have asked for and ECS cannot do. It has the form of a
 * published `@aws-sdk/client-*` package, so that server and callers need nothing of their own for it.
 */
export { BerthClient } from './berth-client.ts'
export {
  DeletePreDeploymentTaskCommand,
  DescribePreDeploymentTaskCommand,
  GetCertificateAuthorityCommand,
  ListLoadBalancerAddressesCommand,
  ListPausedServicesCommand,
  PauseServiceCommand,
  PutPreDeploymentTaskCommand,
  ResumeServiceCommand,
  SearchServiceEventsCommand,
  SearchStoppedTasksCommand,
} from './commands.ts'
export type * from './members.ts'
export * from './schemas.ts'
