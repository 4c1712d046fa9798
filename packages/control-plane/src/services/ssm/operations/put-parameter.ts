import type { ParameterTier, PutParameterRequest, PutParameterResult } from '@aws-sdk/client-ssm'
import { AwsError } from '@berth/aws-api'
import { scopeKey } from '@berth/model'
import type { Transaction } from '../../../store/view.ts'
import { mergeKeyValueTags, mostTags } from '../../key-value-tags.ts'
import { type Call, operation } from '../../service.ts'
import { alreadyExists, constraint, validation } from '../errors.ts'
import { checkNewName, parameterArn } from '../names.ts'
import { findVersion, parameterId, parameterResources, versionsOf } from '../references.ts'
import type { SsmParts } from '../service-parts.ts'
import {
  type ParameterRow,
  type ParameterVersionRow,
  parameters,
  parameterVersions,
  versionRowId,
} from '../tables/index.ts'

const mostVersions = 100
const mostCharacters = { Standard: 4096, Advanced: 8192 }
const defaultKey = 'alias/aws/ssm'

const checkMembers = (input: PutParameterRequest): void => {
  const { Name = '', Description = '', DataType = 'text', KeyId, Type, AllowedPattern = '' } = input
  checkNewName(Name)
  if (Description.length > 1024) throw constraint('description', 'have length less than or equal to 1024')
  if (AllowedPattern.length > 1024)
    throw constraint('allowedPattern', 'have length less than or equal to 1024')
  if (DataType !== 'text')
    throw validation(
      `The following data type is not supported: ${DataType} (Data type names are all lowercase.)`,
    )
  if (input.Policies !== undefined && !/^\s*(\[\s*\])?\s*$/.test(input.Policies))
    throw validation('Policies is not supported: no parameter expires by itself.')
  if (KeyId !== undefined && Type !== undefined && Type !== 'SecureString')
    throw validation(`KeyId is required for SecureString type parameter only.`)
  if (KeyId !== undefined && KeyId !== defaultKey)
    throw new AwsError(
      'InvalidKeyId',
      `KeyId is not supported: Berth encrypts with the key of its data directory. Leave it out, or say ${defaultKey}.`,
    )
  if (input.Overwrite && input.Tags?.length)
    throw validation(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    )
}

/** The tier that a version gets. (AWS: "Managing parameter tiers") Throws ValidationException. */
const tierFor = (input: PutParameterRequest, old: ParameterVersionRow | undefined): ParameterTier => {
  const length = [...(input.Value ?? '')].length
  const asked = input.Tier ?? old?.tier ?? 'Standard'
  if (old?.tier === 'Advanced' && asked === 'Standard')
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
    )
  const smallest = length > mostCharacters.Standard || old?.tier === 'Advanced' ? 'Advanced' : 'Standard'
  const tier = asked === 'Intelligent-Tiering' ? smallest : asked
  const most = mostCharacters[tier === 'Standard' ? 'Standard' : 'Advanced']
  if (length <= most) return tier
  throw validation(
    tier === 'Standard'
      ? `Standard tier parameters support a maximum parameter value of ${most} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`
      : `Advanced tier parameters support a maximum parameter value of ${most} characters.`,
  )
}

const checkPattern = (
  { matchesPattern }: SsmParts,
  { AllowedPattern, Value = '' }: PutParameterRequest,
): void => {
  if (!AllowedPattern) return
  const invalid = (reason: string): AwsError =>
    new AwsError('InvalidAllowedPatternException', `The pattern ${AllowedPattern} is not valid: ${reason}`)
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${AllowedPattern})$`)
  } catch (error) {
    throw invalid((error as Error).message.replace(/^Invalid regular expression: /, ''))
  }
  try {
    if (matchesPattern(pattern, Value)) return
  } catch (error) {
    if (error instanceof RangeError) throw invalid(error.message)
    throw error
  }
  throw new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`,
  )
}

const typeFor = ({ Type, Value = '' }: PutParameterRequest, old: ParameterVersionRow | undefined) => {
  if (!old && !Type) throw validation('A parameter type is required when you create a parameter.')
  if (old && Type && Type !== old.type)
    throw new AwsError(
      'HierarchyTypeMismatchException',
      "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
    )
  if (Value === '') throw constraint('value', 'have length greater than or equal to 1')
  return Type ?? old?.type ?? 'String'
}

/** The oldest goes when there are too many, unless it has labels. */
const makeRoom = (tx: Transaction, parameter: ParameterRow): void => {
  const versions = versionsOf(tx, parameter)
  const [oldest] = versions
  if (!oldest || versions.length < mostVersions) return
  if (oldest.labels.length > 0)
    throw new AwsError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    )
  tx.delete(parameterVersions, oldest.id)
}

const newVersion = (
  { encryption }: SsmParts,
  { now, identity }: Call,
  input: PutParameterRequest,
  parameter: ParameterRow,
  old: ParameterVersionRow | undefined,
): ParameterVersionRow => {
  const id = versionRowId(parameter.id, parameter.version)
  const type = typeFor(input, old)
  const description = input.Description ?? old?.description
  return {
    id,
    parameterId: parameter.id,
    version: parameter.version,
    type,
    tier: tierFor(input, old),
    dataType: 'text',
    encryptedValue: encryption.encrypt(Buffer.from(input.Value ?? ''), id),
    ...(description && { description }),
    ...(input.AllowedPattern && { allowedPattern: input.AllowedPattern }),
    ...(type === 'SecureString' && { keyId: defaultKey }),
    labels: [],
    modifiedAt: now,
    modifiedBy: identity.arn,
  }
}

const newParameter = ({ Name = '', Tags }: PutParameterRequest, { scope }: Call): ParameterRow => {
  const tags = mergeKeyValueTags([], Tags, validation)
  if (tags.length > mostTags)
    throw new AwsError('TooManyTagsError', `A parameter can have at most ${mostTags} tags.`)
  const id = parameterId(scope, Name)
  return { id, scope: scopeKey(scope), name: Name, arn: parameterArn(scope, Name), version: 1, tags }
}

export const putParameter = (parts: SsmParts) =>
  operation<PutParameterRequest, PutParameterResult>({
    name: 'PutParameter',
    effect: 'writes',
    resources: ({ Name }, { scope }) => parameterResources(scope, [Name]),
    handle: (input, call) => {
      checkMembers(input)
      checkPattern(parts, input)
      return call.store.update(tx => {
        const known = tx.get(parameters, parameterId(call.scope, input.Name ?? ''))
        if (known && !input.Overwrite) throw alreadyExists()
        if (known) makeRoom(tx, known)
        const old = known && findVersion(tx, known, known.version)
        const parameter = known ? { ...known, version: known.version + 1 } : newParameter(input, call)
        const version = newVersion(parts, call, input, parameter, old)
        tx.put(parameterVersions, version)
        tx.put(parameters, parameter)
        return { Version: version.version, Tier: version.tier }
      })
    },
  })
