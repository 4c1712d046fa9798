import type {
  DeleteTargetGroupInput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeOfArn } from '@berth/model'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { resourceTypeOf } from '../../arns.ts'
import { attributeResponse } from '../../attributes/attribute-set.ts'
import {
  changedTargetGroupAttributes,
  targetGroupAttributes,
} from '../../attributes/target-group-attributes.ts'
import { elbError, validationError } from '../../errors.ts'
import { healthCheckOf } from '../../health-check.ts'
import { rowOf, targetGroupKind } from '../../references.ts'
import { targetGroupResponse } from '../../responses/target-group.ts'
import { rules, targetGroups, targets } from '../../tables/index.ts'

/** Its health check; nothing else of a target group changes. */
const modifyTargetGroup = operation<ModifyTargetGroupInput, ModifyTargetGroupOutput>({
  name: 'ModifyTargetGroup',
  effect: 'writes',
  resources: ({ TargetGroupArn = '' }) => [TargetGroupArn],
  handle: (input, { store, scope }) =>
    store.update(tx => {
      const row = rowOf(tx, scope, targetGroupKind, input.TargetGroupArn)
      const changed = { ...row, healthCheck: healthCheckOf(input, row, row.healthCheck) }
      tx.put(targetGroups, changed)
      return { TargetGroups: [targetGroupResponse(changed, tx)] }
    }),
})

const describeTargetGroupAttributes = operation<
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput
>({
  name: 'DescribeTargetGroupAttributes',
  effect: 'reads',
  resources: () => ['*'],
  handle: ({ TargetGroupArn }, { store, scope }) => {
    const row = rowOf(store, scope, targetGroupKind, TargetGroupArn)
    return { Attributes: attributeResponse(targetGroupAttributes(row)) }
  },
})

/** It answers with all attributes, not only with those that were changed. */
const modifyTargetGroupAttributes = operation<
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput
>({
  name: 'ModifyTargetGroupAttributes',
  effect: 'writes',
  resources: ({ TargetGroupArn = '' }) => [TargetGroupArn],
  handle: ({ TargetGroupArn, Attributes = [] }, { store, scope }) =>
    store.update(tx => {
      const row = rowOf(tx, scope, targetGroupKind, TargetGroupArn)
      const changed = { ...row, attributes: changedTargetGroupAttributes(row, Attributes) }
      tx.put(targetGroups, changed)
      return { Attributes: attributeResponse(targetGroupAttributes(changed)) }
    }),
})

/** With its targets. One that is gone is deleted once more. (AWS: DeleteTargetGroup) */
const removeTargetGroup = (tx: Transaction, { scope }: Call, arn: string): void => {
  if (scopeOfArn(arn).accountId !== scope.accountId || !tx.get(targetGroups, arn)) return
  if (tx.count(rules, 'byTargetGroup', arn) > 0)
    throw elbError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`)
  for (const target of [...tx.where(targets, 'byTargetGroup', arn)]) tx.delete(targets, target.id)
  tx.delete(targetGroups, arn)
}

const deleteTargetGroup = operation<DeleteTargetGroupInput, object>({
  name: 'DeleteTargetGroup',
  effect: 'frees',
  resources: ({ TargetGroupArn = '' }) => [TargetGroupArn],
  handle: ({ TargetGroupArn = '' }, call) => {
    if (resourceTypeOf(TargetGroupArn) !== 'targetgroup')
      throw validationError(`'${TargetGroupArn}' is not a valid target group ARN`)
    call.store.update(tx => removeTargetGroup(tx, call, TargetGroupArn))
    return {}
  },
})

export const changeTargetGroupOperations = [
  modifyTargetGroup,
  describeTargetGroupAttributes,
  modifyTargetGroupAttributes,
  deleteTargetGroup,
]
