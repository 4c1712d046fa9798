import type { Service } from '../../../service.ts'

export const tagOperations: Service['operations'] = []
