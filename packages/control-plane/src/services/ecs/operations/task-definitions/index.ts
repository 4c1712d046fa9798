import type { Service } from '../../../service.ts'

export const taskDefinitionOperations: Service['operations'] = []
