import { createEcsService } from '../../packages/control-plane/src/services/ecs/index.ts'
import { isUnsupported } from '../../packages/control-plane/src/services/unsupported.ts'
import { ecsSettings } from './ecs-settings.ts'

/** The operations whose handlers only say that they are not supported. */
export const unsupportedNames = (): ReadonlySet<string> =>
  new Set(
    createEcsService(ecsSettings)
      .operations.filter(isUnsupported)
      .map(operation => operation.name),
  )
