import type { RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import {
  compatibilitiesOf,
  problemOf,
  requiredAttributesOf,
  scopeKey,
  taskDefinitionArn,
  withDefaults,
} from '@berth/model'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { clientException, limitExceeded } from '../../errors.ts'
import { familyId } from '../../references.ts'
import { taskDefinitionResponse } from '../../responses/task-definition.ts'
import {
  families,
  type RegisteredDefinition,
  type TaskDefinitionRow,
  taskDefinitions,
} from '../../tables/index.ts'
import { validateTags } from '../../tags.ts'

/** ECS's limits on a task definition as JSON, and on a family. */
const mostBytes = 65_536
const mostRevisions = 1_000_000

export const registerTaskDefinition = operation<
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse
>({
  name: 'RegisterTaskDefinition',
  effect: 'writes',
  resources: () => ['*'],
  handle: (input, call) => {
    const definition = definitionOf(input)
    if (input.tags?.length === 0) throw clientException('Tags can not be empty.')
    const tags = validateTags(input.tags)
    const row = call.store.update(tx => register(tx, call, input.family ?? '', { definition, tags }))
    return { taskDefinition: taskDefinitionResponse(row), ...(input.tags && { tags: [...tags] }) }
  },
})

/** What ECS keeps of a request: checked, with the defaults, and with what follows from it. */
const definitionOf = (input: RegisterTaskDefinitionRequest): RegisteredDefinition => {
  const problem = problemOf(input)
  if (problem) throw clientException(problem)
  const { family: _, tags: __, ...given } = input
  const definition = withDefaults(given)
  const bytes = Buffer.byteLength(JSON.stringify(definition))
  if (bytes > mostBytes)
    throw clientException(`Actual length: '${bytes}'. Max allowed length is '${mostBytes}' bytes.`)
  return {
    ...definition,
    requiresAttributes: requiredAttributesOf(definition).map(name => ({ name })),
    compatibilities: compatibilitiesOf(definition) as NonNullable<RegisteredDefinition['compatibilities']>,
  }
}

const register = (
  tx: Transaction,
  { scope, identity, now }: Call,
  family: string,
  content: Pick<TaskDefinitionRow, 'definition' | 'tags'>,
): TaskDefinitionRow => {
  const id = familyId(scope, family)
  const revision = (tx.get(families, id)?.lastRevision ?? 0) + 1
  if (revision > mostRevisions)
    throw limitExceeded(`The maximum number of revisions of a family is ${mostRevisions}.`)
  const row: TaskDefinitionRow = {
    id: taskDefinitionArn(scope, family, revision),
    scope: scopeKey(scope),
    family,
    revision,
    status: 'ACTIVE',
    ...content,
    registeredAt: now,
    registeredBy: identity.arn,
  }
  tx.put(taskDefinitions, row)
  tx.put(families, { id, scope: row.scope, family, lastRevision: revision, latestActive: revision })
  return row
}
