import * as client from '@aws-sdk/client-ssm'
import type { Service } from '../service.ts'
import { unsupportedOperations } from '../unsupported.ts'
import { deleteParameter, deleteParameters } from './operations/delete-parameters.ts'
import { describeParameters } from './operations/describe-parameters.ts'
import {
  getParameter,
  getParameterHistory,
  getParameters,
  getParametersByPath,
} from './operations/get-parameters.ts'
import { labelParameterVersion } from './operations/label-parameter-version.ts'
import { putParameter } from './operations/put-parameter.ts'
import { sessionOperations } from './operations/sessions.ts'
import { tagOperations } from './operations/tags.ts'
import type { SsmParts } from './service-parts.ts'
import { parameters, parameterVersions } from './tables/index.ts'

export { parameterVersions } from './tables/index.ts'

/** Of AWS Systems Manager, Parameter Store, and what Session Manager tells of ECS Exec. */
export const createSsmService = (parts: SsmParts): Service => {
  const operations: Service['operations'] = [
    deleteParameter,
    deleteParameters,
    describeParameters,
    getParameter(parts),
    getParameterHistory(parts),
    getParameters(parts),
    getParametersByPath(parts),
    labelParameterVersion,
    putParameter(parts),
    ...sessionOperations,
    ...tagOperations,
  ]
  return {
    name: 'ssm',
    client,
    operations: [...operations, ...unsupportedOperations(client, operations)],
    tables: [parameters, parameterVersions],
    histories: [],
    reconcilers: [],
  }
}
