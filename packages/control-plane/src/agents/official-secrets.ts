/** What the official agent itself reads with the execution role's credentials before it creates a container, in its words. */
import type { ContainerDefinition, Secret } from '@aws-sdk/client-ecs'
import type { PayloadContainer } from '@berth/model'
import { present } from './payload-container.ts'

type OfficialSecret = NonNullable<PayloadContainer['secrets']>[number]

/** An ARN names its region; a bare name is of the task's. */
const regionOf = (reference: string, region: string): string =>
  reference.startsWith('arn:') ? reference.split(':')[3] || region : region

const secretOf =
  (target: OfficialSecret['target'], region: string) =>
  ({ name = '', valueFrom = '' }: Secret): OfficialSecret => ({
    name,
    valueFrom,
    containerPath: '',
    type: 'ENVIRONMENT_VARIABLE',
    region: regionOf(valueFrom, region),
    provider: valueFrom.includes(':secretsmanager:') ? 'asm' : 'ssm',
    target,
  })

export const officialSecrets = (
  { secrets, logConfiguration, environmentFiles, repositoryCredentials }: ContainerDefinition,
  region: string,
): Pick<PayloadContainer, 'secrets' | 'environmentFiles' | 'registryAuthentication'> => {
  const all = [
    ...(secrets ?? []).map(secretOf('CONTAINER', region)),
    ...(logConfiguration?.secretOptions ?? []).map(secretOf('LOG_DRIVER', region)),
  ]
  const credentialsParameter = repositoryCredentials?.credentialsParameter
  return {
    ...present('secrets', all.length > 0 ? all : undefined),
    ...present(
      'environmentFiles',
      environmentFiles?.map(({ type, value }) => ({ type: type ?? 's3', value: value ?? '' })),
    ),
    ...present(
      'registryAuthentication',
      credentialsParameter === undefined
        ? undefined
        : {
            type: 'asm' as const,
            asmAuthData: { credentialsParameter, region: regionOf(credentialsParameter, region) },
          },
    ),
  }
}
