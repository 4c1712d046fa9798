import type { Attribute } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'

/** What the identity document of an EC2 instance says; its signature is AWS's, and proves nothing here. */
export interface IdentityDocument {
  readonly instanceId?: string
  readonly instanceType?: string
  readonly imageId?: string
  readonly availabilityZone?: string
}

/** Throws InvalidParameterException. Agents outside of EC2 send an empty document. */
export const readIdentityDocument = (text: string | undefined): IdentityDocument => {
  if (!text) return {}
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document === 'object' && document !== null) return textsOf(document)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw invalidParameter('The instance identity document is not a JSON object.')
}

const textsOf = (document: object): IdentityDocument =>
  Object.fromEntries(Object.entries(document).filter(([, value]) => typeof value === 'string'))

/** The agent's own: they come anew with each registration, so that a capability that is gone does not stay. */
const isAgentsOwn = (name: string): boolean => /^(ecs\.|com\.amazonaws\.ecs\.|berth\.)/.test(name)

/**
 * The attributes that the agent sent, unchanged, then those that users put there earlier, then those that ECS adds.
 * Throws InvalidParameterException.
 */
export const instanceAttributes = (
  sent: readonly Attribute[] | undefined,
  earlier: readonly Attribute[],
  document: IdentityDocument,
  region: string,
): readonly Attribute[] => {
  const attributes = new Map<string, Attribute>()
  const add = ({ name, value }: Attribute) => {
    if (name !== undefined && !attributes.has(name))
      attributes.set(name, { name, ...(value !== undefined && value !== '' && { value }) })
  }
  for (const attribute of sent ?? []) add(checked(attribute))
  for (const attribute of earlier) if (!isAgentsOwn(attribute.name ?? '')) add(attribute)
  const zone = earlier.find(({ name }) => name === 'ecs.availability-zone')?.value
  add({ name: 'ecs.availability-zone', value: document.availabilityZone ?? zone ?? `${region}a` })
  if (document.instanceType) add({ name: 'ecs.instance-type', value: document.instanceType })
  if (document.imageId) add({ name: 'ecs.ami-id', value: document.imageId })
  return [...attributes.values()]
}

/** (AWS: API reference, Attribute) */
const checked = (attribute: Attribute): Attribute => {
  const { name, value = '' } = attribute
  if (!name || !/^[\w\-./\\]{1,128}$/.test(name))
    throw invalidParameter(`Attribute name is invalid: ${name ?? ''}`)
  if (value.length > 128) throw invalidParameter(`The value of attribute ${name} is too long.`)
  return attribute
}
