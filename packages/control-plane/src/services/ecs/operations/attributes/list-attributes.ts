import type { Attribute, ListAttributesRequest, ListAttributesResponse } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { openPage } from '../../pagination.ts'
import { activeCluster } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { type ContainerInstanceRow, containerInstances } from '../../tables/index.ts'

/** By container instance, then by name. */
export const listAttributes = operation<ListAttributesRequest, ListAttributesResponse>({
  name: 'ListAttributes',
  effect: 'reads',
  resources: (input, { scope }) => [clusterResource(scope, input.cluster)],
  handle: (input, { store, scope }) => {
    const { attributeName, attributeValue } = input
    if (attributeValue !== undefined && attributeName === undefined)
      throw invalidParameter('If attributeValue is specified, you must also specify an attributeName.')
    const cluster = activeCluster(store, scope, input.cluster)
    const list = ['ListAttributes', cluster.id, attributeName, attributeValue].join('|')
    const page = openPage(list, input)
    const { items, ...next } = page.take(attributesAfter(store, cluster.id, input, page.after), keyOf)
    return { attributes: items, ...next }
  },
})

const keyOf = ({ targetId, name }: Attribute): string => `${targetId} ${name}`

function* attributesAfter(
  view: View,
  clusterArn: string,
  { attributeName, attributeValue }: ListAttributesRequest,
  after = ' ',
): Iterable<Attribute> {
  const [instanceArn = '', lastName = ''] = after.split(' ')
  for (const instance of instancesFrom(view, clusterArn, instanceArn))
    for (const { name = '', value } of sorted(instance))
      if (
        (instance.id !== instanceArn || name > lastName) &&
        (attributeName === undefined || name === attributeName) &&
        (attributeValue === undefined || value === attributeValue)
      )
        yield { name, value, targetType: 'container-instance', targetId: instance.id }
}

/** The registered instances of a cluster, from this one on. */
function* instancesFrom(view: View, clusterArn: string, arn: string): Iterable<ContainerInstanceRow> {
  const first = arn ? view.get(containerInstances, arn) : undefined
  if (first && first.status !== 'INACTIVE') yield first
  for (const row of view.where(containerInstances, 'byCluster', clusterArn, arn || undefined))
    if (row.status !== 'INACTIVE') yield row
}

const sorted = ({ attributes }: ContainerInstanceRow): Attribute[] =>
  [...attributes].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
