import { AwsError } from '@berth/aws-api'
import { formatArn, type Scope } from '@berth/model'
import { constraint, validation } from './errors.ts'

const longestName = 2048
/** What AWS leaves of it for the name itself, behind the ARN's other parts. */
const longestOwnName = 1011
const deepestLevel = 15

/** (AWS: "PutParameter", Name.) Throws ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException. */
export const checkNewName = (name: string): void => {
  if (name.length < 1 || name.length > longestName)
    throw constraint('name', `have length between 1 and ${longestName}`)
  if (name.length > longestOwnName)
    throw validation(`A parameter name can have at most ${longestOwnName} characters.`)
  if (/^\/aws(\/|$)/i.test(name))
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`)
  const bare = name.replace(/^\//, '')
  if (/^(aws|ssm)/i.test(bare))
    throw validation(
      `Parameter name: can't be prefixed with "${/^ssm/i.test(bare) ? 'ssm' : 'aws'}" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    )
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || /\/\/|\/$/.test(name))
    throw validation(
      'Parameter name: can be formed as a path; it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    )
  if (!name.startsWith('/') && name.includes('/'))
    throw validation('Parameter name must be a fully qualified name.')
  if (name.split('/').length - 1 > deepestLevel)
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${deepestLevel} levels.`,
    )
}

export const parameterArn = (scope: Scope, name: string): string =>
  formatArn('ssm', scope, `parameter/${name.replace(/^\//, '')}`)
