import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  PutLogGroupDeletionProtectionRequest,
  PutRetentionPolicyRequest,
} from '@aws-sdk/client-cloudwatch-logs'
import { AwsError } from '@berth/aws-api'
import { scopeKey } from '@berth/model'
import { type Call, operation } from '../../service.ts'
import { groupExists, invalidParameter } from '../errors.ts'
import { findGroup, type GroupReference, groupArn, groupResource } from '../references.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { type LogGroupRow, logGroups } from '../tables/index.ts'
import { checkGroupName, checkRetention, checkTags } from '../validation.ts'

export const createLogGroup = operation<CreateLogGroupRequest, Record<string, never>>({
  name: 'CreateLogGroup',
  effect: 'writes',
  resources: ({ logGroupName }, { scope }) => [`${groupArn(scope, logGroupName ?? '')}:*`],
  handle: (input, { store, scope, now, randomHex }) => {
    const { logGroupName: name = '', tags = {}, kmsKeyId, logGroupClass = 'STANDARD' } = input
    checkGroupName(name)
    checkTags(tags)
    if (Object.keys(tags).length > 50) throw invalidParameter('A log group can have at most 50 tags.')
    if (kmsKeyId !== undefined) throw invalidParameter('kmsKeyId is not supported: Berth encrypts no logs.')
    if (logGroupClass !== 'STANDARD') throw invalidParameter(`The class ${logGroupClass} is not supported.`)
    const id = groupArn(scope, name)
    store.update(tx => {
      if (tx.get(logGroups, id)) throw groupExists()
      tx.put(logGroups, {
        id,
        scope: scopeKey(scope),
        name,
        createdAt: now,
        logGroupClass,
        deletionProtected: input.deletionProtectionEnabled ?? false,
        tags,
        storeId: randomHex(8),
      })
    })
    return {}
  },
})

export const deleteLogGroup = ({ logStore }: LogsServiceParts) =>
  operation<DeleteLogGroupRequest, Promise<Record<string, never>>>({
    name: 'DeleteLogGroup',
    effect: 'frees',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: async (input, { store, scope }) => {
      const { storeId } = store.update(tx => {
        const group = findGroup(tx, scope, input)
        if (group.deletionProtected)
          throw new AwsError('ValidationException', 'The log group has deletion protection enabled.')
        // Its streams' rows go in slices, by the reconciler: there may be very many.
        tx.delete(logGroups, group.id)
        return group
      })
      // Else a crash could bring the group back without its events.
      await store.durable()
      await logStore.deleteGroup(storeId)
      return {}
    },
  })

const change = (call: Call, reference: GroupReference, edit: (group: LogGroupRow) => LogGroupRow) => {
  call.store.update(tx => tx.put(logGroups, edit(findGroup(tx, call.scope, reference))))
  return {}
}

export const putRetentionPolicy = operation<PutRetentionPolicyRequest, Record<string, never>>({
  name: 'PutRetentionPolicy',
  effect: 'frees',
  resources: (input, { scope }) => groupResource(scope, input),
  handle: (input, call) => {
    const { retentionInDays = 0 } = input
    checkRetention(retentionInDays)
    return change(call, input, group => ({ ...group, retentionInDays }))
  },
})

export const deleteRetentionPolicy = operation<DeleteRetentionPolicyRequest, Record<string, never>>({
  name: 'DeleteRetentionPolicy',
  effect: 'writes',
  resources: (input, { scope }) => groupResource(scope, input),
  handle: (input, call) => change(call, input, ({ retentionInDays: _, ...group }) => group),
})

export const putLogGroupDeletionProtection = operation<
  PutLogGroupDeletionProtectionRequest,
  Record<string, never>
>({
  name: 'PutLogGroupDeletionProtection',
  effect: 'writes',
  resources: (input, { scope }) => groupResource(scope, input),
  handle: (input, call) => {
    const { deletionProtectionEnabled = false } = input
    return change(call, input, group => ({ ...group, deletionProtected: deletionProtectionEnabled }))
  },
})
