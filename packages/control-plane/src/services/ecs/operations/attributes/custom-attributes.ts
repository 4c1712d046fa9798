/** Attributes that people put on container instances, beside those that agents and ECS register. */
import type { Attribute } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'

/** What agents say of their hosts: by `berth.` where other hosts find this one, and with which key. */
const reserved = /^(ecs|com\.amazonaws|berth)\./i
const namePattern = /^[\w./\\-]{1,128}$/
const valuePattern = /^(?! )[\w.:/\\@ -]{1,128}(?<! )$/

export const isCustom = ({ name = '' }: Attribute): boolean => !reserved.test(name)

/** How many custom attributes one resource may have. */
export const mostCustomAttributes = 10

/** Throws InvalidParameterException; attributes of one request are at most ten. */
export const checkAttributes = (attributes: readonly Attribute[]): void => {
  if (attributes.length === 0 || attributes.length > mostCustomAttributes)
    throw invalidParameter(`attributes must have 1 to ${mostCustomAttributes} elements.`)
  for (const attribute of attributes) {
    const { name = '', value, targetId } = attribute
    if (!namePattern.test(name)) throw invalidParameter(`Invalid attribute name: ${name}`)
    if (!isCustom(attribute)) throw invalidParameter(`Attribute names of this prefix are reserved: ${name}`)
    if (value !== undefined && value !== '' && !valuePattern.test(value))
      throw invalidParameter(`Invalid value of attribute ${name}: ${value}`)
    if (!targetId) throw invalidParameter(`Attribute ${name} needs a targetId.`)
  }
}
