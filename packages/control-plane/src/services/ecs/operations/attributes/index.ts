import type { Service } from '../../../service.ts'

export const attributeOperations: Service['operations'] = []
