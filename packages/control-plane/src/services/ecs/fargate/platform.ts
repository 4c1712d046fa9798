/** Platform versions of Fargate, and what ECS shows of them. (AWS: "Fargate platform versions for Amazon ECS") */
import { AwsError } from '@berth/aws-api'
import type { FargatePlatform, RegisteredDefinition } from '../tables/index.ts'

export const latest = 'LATEST'
const latestVersion = '1.4.0'
/** Of those that are retired, none. */
const versions: readonly string[] = [latest, latestVersion, '1.3.0']

/**
 * Throws PlatformUnknownException, and PlatformTaskDefinitionIncompatibilityException for EFS volumes, which came with 1.4.0:
 * the messages are the descriptions of the exceptions.
 */
export const fargatePlatform = (
  version: string,
  { runtimePlatform, volumes = [] }: RegisteredDefinition,
): FargatePlatform => {
  if (!versions.includes(version))
    throw new AwsError('PlatformUnknownException', "The specified platform version doesn't exist.")
  if (version === '1.3.0' && volumes.some(({ efsVolumeConfiguration }) => efsVolumeConfiguration))
    throw new AwsError(
      'PlatformTaskDefinitionIncompatibilityException',
      "The specified platform version doesn't satisfy the required capabilities of the task definition.",
    )
  const { operatingSystemFamily = 'LINUX' } = runtimePlatform ?? {}
  return { version, family: operatingSystemFamily === 'LINUX' ? 'Linux' : operatingSystemFamily }
}

/** What services show: the version that was asked for. */
export const askedPlatform = (platform: FargatePlatform | undefined) =>
  platform && { platformVersion: platform.version, platformFamily: platform.family }

/** What tasks, deployments, task sets and revisions show: the version that LATEST stands for. */
export const usedPlatform = (platform: FargatePlatform | undefined) =>
  platform && {
    platformVersion: platform.version === latest ? latestVersion : platform.version,
    platformFamily: platform.family,
  }
