import type { ListServicesByNamespaceRequest, ListServicesByNamespaceResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter, namespaceNotFound } from '../../errors.ts'
import { openPage } from '../../pagination.ts'

/** Namespaces are AWS Cloud Map's: there is none of them, until services can be in one. */
export const listServicesByNamespace = operation<
  ListServicesByNamespaceRequest,
  ListServicesByNamespaceResponse
>({
  name: 'ListServicesByNamespace',
  effect: 'reads',
  resources: () => ['*'],
  handle: request => {
    const { namespace } = request
    if (!namespace) throw invalidParameter('Namespace can not be blank.')
    openPage(JSON.stringify(['ListServicesByNamespace', namespace]), request, { standard: 10 })
    throw namespaceNotFound(namespace)
  },
})
