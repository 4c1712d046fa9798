/** A container as the official agent takes it: overrides merged, but for the command, and secrets named, never told. */
import type { ContainerDefinition, ContainerOverride } from '@aws-sdk/client-ecs'
import type { OfficialContainer, PayloadContainer } from '@berth/model'
import { overriddenContainer } from '../services/ecs/overridden-definition.ts'
import { dockerConfig, type EngineSurroundings } from './docker-config.ts'
import { officialSecrets } from './official-secrets.ts'
import { present, sharedMembers } from './payload-container.ts'

export interface OfficialSurroundings extends EngineSurroundings {
  /** Where secrets are that do not say it themselves. */
  readonly region: string
  readonly hasExecutionRole: boolean
}

export const officialContainer = (
  definition: ContainerDefinition,
  override: ContainerOverride | undefined,
  surroundings: OfficialSurroundings,
): Omit<PayloadContainer, 'containerArn'> => {
  const container = overriddenContainer(definition, override)
  const logsByRole = surroundings.hasExecutionRole && container.logConfiguration?.logDriver === 'awslogs'
  return {
    ...sharedMembers(container, surroundings.networkMode),
    ...present('command', definition.command),
    overrides: JSON.stringify(present('command', override?.command)),
    ...(container.healthCheck && { healthCheckType: 'docker' }),
    ...present(
      'firelensConfiguration',
      container.firelensConfiguration as OfficialContainer['firelensConfiguration'],
    ),
    ...officialSecrets(container, surroundings.region),
    ...(logsByRole && { logsAuthStrategy: 'ExecutionRole' }),
    ...present('credentialSpecs', container.credentialSpecs),
    dockerConfig: dockerConfig(container, surroundings),
  }
}
