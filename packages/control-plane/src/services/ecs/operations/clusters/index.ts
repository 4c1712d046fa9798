import type { Service } from '../../../service.ts'

export const clusterOperations: Service['operations'] = []
