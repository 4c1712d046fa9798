import type { Service } from '../../../service.ts'
import { deleteAttributes } from './delete-attributes.ts'
import { listAttributes } from './list-attributes.ts'
import { putAttributes } from './put-attributes.ts'

export const attributeOperations: Service['operations'] = [deleteAttributes, listAttributes, putAttributes]
