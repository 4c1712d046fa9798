import type {
  DeleteParameterRequest,
  DeleteParameterResult,
  DeleteParametersRequest,
  DeleteParametersResult,
} from '@aws-sdk/client-ssm'
import type { Transaction } from '../../../store/view.ts'
import { operation } from '../../service.ts'
import { findParameter, parameterNamed, parameterResources, versionsOf } from '../references.ts'
import { type ParameterRow, parameters, parameterVersions } from '../tables/index.ts'
import { checkNames } from './get-parameters.ts'

const remove = (tx: Transaction, parameter: ParameterRow): void => {
  for (const version of versionsOf(tx, parameter)) tx.delete(parameterVersions, version.id)
  tx.delete(parameters, parameter.id)
}

export const deleteParameter = operation<DeleteParameterRequest, DeleteParameterResult>({
  name: 'DeleteParameter',
  effect: 'frees',
  resources: ({ Name }, { scope }) => parameterResources(scope, [Name]),
  handle: ({ Name = '' }, { store, scope }) => {
    store.update(tx => remove(tx, findParameter(tx, scope, Name)))
    return {}
  },
})

export const deleteParameters = operation<DeleteParametersRequest, DeleteParametersResult>({
  name: 'DeleteParameters',
  effect: 'frees',
  resources: ({ Names = [] }, { scope }) => parameterResources(scope, Names),
  handle: ({ Names = [] }, { store, scope }) => {
    checkNames(Names)
    return store.update(tx => {
      const DeletedParameters: string[] = []
      const InvalidParameters: string[] = []
      for (const name of Names) {
        const parameter = parameterNamed(tx, scope, name)
        if (parameter) remove(tx, parameter)
        ;(parameter ? DeletedParameters : InvalidParameters).push(name)
      }
      return { DeletedParameters, InvalidParameters }
    })
  },
})
