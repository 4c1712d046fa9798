/** What the official agent itself reads with the execution role's credentials before it creates a container, in its words. */
import type { ContainerDefinition, Secret } from '@aws-sdk/client-ecs'
import { type OfficialContainer, type OfficialSecret, parseArn } from '@berth/model'
import { present } from './payload-container.ts'

/** An ARN names its region; a bare name is of the task's. */
const regionOf = (reference: string, region: string): string => parseArn(reference)?.region || region

/** The agent looks a parameter up by the name that it is answered with, which is never an ARN. */
const parameterName = (valueFrom: string): string => {
  const name = parseArn(valueFrom)?.resource.replace(/^parameter\//, '')
  if (name === undefined) return valueFrom
  return name.includes('/') ? `/${name}` : name
}

const sourceOf = ({ name = '', valueFrom = '' }: Secret, region: string) => ({
  name,
  region: regionOf(valueFrom, region),
  ...(parseArn(valueFrom)?.service === 'secretsmanager'
    ? ({ provider: 'asm', valueFrom } as const)
    : ({ provider: 'ssm', valueFrom: parameterName(valueFrom) } as const)),
})

/** What has the type of a variable becomes one, whatever its target is: an option of the log driver has none. */
const secretsOf = (
  { secrets = [], logConfiguration }: ContainerDefinition,
  region: string,
): readonly OfficialSecret[] => [
  ...secrets.map(
    secret => ({ ...sourceOf(secret, region), type: 'ENVIRONMENT_VARIABLE', target: 'CONTAINER' }) as const,
  ),
  ...(logConfiguration?.secretOptions ?? []).map(
    secret => ({ ...sourceOf(secret, region), target: 'LOG_DRIVER' }) as const,
  ),
]

export const officialSecrets = (
  container: ContainerDefinition,
  region: string,
): Pick<OfficialContainer, 'secrets' | 'environmentFiles' | 'registryAuthentication'> => {
  const { environmentFiles, repositoryCredentials } = container
  const secrets = secretsOf(container, region)
  const credentialsParameter = repositoryCredentials?.credentialsParameter
  return {
    ...present('secrets', secrets.length > 0 ? secrets : undefined),
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
