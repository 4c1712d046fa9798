/** The volumeConfigurations of a request, against the task definition whose volume they configure. */
import type {
  EBSTagSpecification,
  ServiceVolumeConfiguration,
  TaskManagedEBSVolumeConfiguration,
  TaskVolumeConfiguration,
} from '@aws-sdk/client-ecs'
import { invalidParameter, unsupportedFeature } from '../errors.ts'
import type { RegisteredDefinition } from '../tables/index.ts'
import { validateTags } from '../tags.ts'
import { ebsProblems } from './ebs-rules.ts'

/** The volume that each task of the request gets. */
export interface ManagedVolume {
  readonly name: string
  readonly ebs: TaskManagedEBSVolumeConfiguration
}

type Configurations = readonly (TaskVolumeConfiguration | ServiceVolumeConfiguration)[] | undefined

/**
 * Undefined when the definition leaves no volume to be configured. Throws InvalidParameterException; and
 * UnsupportedFeatureException for encryption, for which there are no keys.
 */
export const managedVolumeOf = (
  definition: RegisteredDefinition,
  configurations: Configurations,
  owner: 'task' | 'service',
): ManagedVolume | undefined => {
  const name = definition.volumes?.find(({ configuredAtLaunch }) => configuredAtLaunch)?.name
  const [configuration, ...others] = configurations ?? []
  if (others.length > 0) throw invalidParameter('Only one volume can be configured at launch.')
  if (configuration === undefined) {
    if (name === undefined) return undefined
    throw invalidParameter(
      `The volume ${name} of the task definition is configured at launch: volumeConfigurations must configure it.`,
    )
  }
  if (name === undefined || configuration.name !== name)
    throw invalidParameter(
      `The task definition has no volume named ${configuration.name} that is configured at launch.`,
    )
  const { managedEBSVolume: ebs } = configuration
  if (ebs === undefined) throw invalidParameter(`managedEBSVolume is required for the volume ${name}.`)
  checkEbs(name, ebs)
  checkTags(ebs.tagSpecifications ?? [], owner)
  return { name, ebs }
}

const checkEbs = (name: string, ebs: TaskManagedEBSVolumeConfiguration): void => {
  for (const problem of ebsProblems(ebs)) throw invalidParameter(`Volume ${name}: ${problem}`)
  if (ebs.encrypted || ebs.kmsKeyId !== undefined)
    throw unsupportedFeature(
      `Volume ${name}: encrypted volumes (encrypted, kmsKeyId) are not supported by Berth yet. Encrypt the disk of the host.`,
    )
}

/** (AWS: EBSTagSpecification) */
const reservedKeys = ['AmazonECSCreated', 'AmazonECSManaged']

const checkTags = (specifications: readonly EBSTagSpecification[], owner: 'task' | 'service'): void => {
  if (specifications.length > 1) throw invalidParameter('Only one tag specification is allowed for a volume.')
  for (const { tags, propagateTags } of specifications) {
    const reserved = validateTags(tags).find(({ key = '' }) => reservedKeys.includes(key))
    if (reserved) throw invalidParameter(`The tag ${reserved.key} is reserved.`)
    if (propagateTags === 'SERVICE' && owner === 'task')
      throw invalidParameter('Tags of a service can only be propagated to volumes of its tasks.')
  }
}
