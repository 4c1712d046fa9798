import type { Service } from '../../../service.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { tagResource } from './tag-resource.ts'
import { untagResource } from './untag-resource.ts'

export const tagOperations: Service['operations'] = [listTagsForResource, tagResource, untagResource]
