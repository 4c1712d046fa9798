import { type Scope, taskDefinitionArn } from '@berth/model'
import { clientException } from '../../errors.ts'
import { parseTaskDefinition } from '../../references.ts'

/** The ARN of one revision, whether there is one or not. Throws ClientException when the revision is not said. */
export const revisionArn = (scope: Scope, reference: string): string => {
  const { family, revision } = parseTaskDefinition(scope, reference)
  if (revision === undefined) throw clientException('Revision is missing.')
  return taskDefinitionArn(scope, family, revision)
}
