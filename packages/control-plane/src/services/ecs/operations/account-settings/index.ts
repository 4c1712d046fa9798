import type { Service } from '../../../service.ts'

export const accountSettingOperations: Service['operations'] = []
