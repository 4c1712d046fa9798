import type { Attribute } from '@aws-sdk/client-ecs'
import type { ContainerInstanceRow } from '../tables/index.ts'

const byRow = new WeakMap<readonly Attribute[], ReadonlyMap<string, string>>()

/** An instance's attributes by name; one without a value has the empty one. Made once a row. */
export const attributesOf = (instance: ContainerInstanceRow): ReadonlyMap<string, string> => {
  let attributes = byRow.get(instance.attributes)
  if (!attributes) {
    attributes = new Map(instance.attributes.map(({ name, value }) => [name ?? '', value ?? '']))
    byRow.set(instance.attributes, attributes)
  }
  return attributes
}
