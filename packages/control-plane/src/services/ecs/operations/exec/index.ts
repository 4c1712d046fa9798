import type { Service } from '../../../service.ts'
import { executeCommand } from './execute-command.ts'

export const execOperations: Service['operations'] = [executeCommand]
