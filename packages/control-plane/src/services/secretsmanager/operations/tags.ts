import type { TagResourceRequest, UntagResourceRequest } from '@aws-sdk/client-secrets-manager'
import { mergeKeyValueTags, mostTags } from '../../key-value-tags.ts'
import { operation } from '../../service.ts'
import { invalidParameter, limitExceeded } from '../errors.ts'
import { findLiveSecret, secretResource } from '../references.ts'
import { secrets } from '../tables/index.ts'

export const tagResource = operation<TagResourceRequest, object>({
  name: 'TagResource',
  effect: 'writes',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: ({ SecretId = '', Tags }, { store, scope }) => {
    store.update(tx => {
      const secret = findLiveSecret(tx, scope, SecretId)
      const tags = mergeKeyValueTags(secret.tags ?? [], Tags, invalidParameter)
      if (tags.length > mostTags) throw limitExceeded(`A secret can have at most ${mostTags} tags.`)
      tx.put(secrets, { ...secret, tags })
    })
    return {}
  },
})

export const untagResource = operation<UntagResourceRequest, object>({
  name: 'UntagResource',
  effect: 'frees',
  resources: ({ SecretId }, { store, scope }) => secretResource(store, scope, SecretId),
  handle: ({ SecretId = '', TagKeys = [] }, { store, scope }) => {
    store.update(tx => {
      const secret = findLiveSecret(tx, scope, SecretId)
      if (secret.tags)
        tx.put(secrets, { ...secret, tags: secret.tags.filter(({ Key }) => !TagKeys.includes(Key)) })
    })
    return {}
  },
})
