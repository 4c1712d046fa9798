/** Services whose deployments have stages, hooks, bake times or alarms: their own checkers follow those. */
import type { ServiceDeployment } from '@aws-sdk/client-ecs'
import { guardedService } from '../clients/guarded-caller.ts'
import { strategyService } from '../clients/strategy-caller.ts'

const followed: ReadonlySet<string> = new Set([strategyService, guardedService])

export const isFollowed = ({ serviceName }: { readonly serviceName?: string | undefined }): boolean =>
  followed.has(serviceName ?? '')

export const isOfFollowed = ({ serviceArn }: ServiceDeployment): boolean =>
  isFollowed({ serviceName: serviceArn?.split('/').at(-1) })

/** `ecs-svc/1234` of a service revision's ARN. */
export const deploymentOf = (revisionArn: string | undefined): string =>
  `ecs-svc/${revisionArn?.split('/').at(-1)}`
