import type { Attribute } from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'
import type { Candidate } from './candidate.ts'
import { memberOf } from './member-of.ts'
import type { PlacementRequest } from './place.ts'
import type { TaskRequirements } from './task-requirements.ts'

/**
 * ECS's reasons, from the filter that is asked first to the last: an instance that got further is the closer match.
 * (AWS: "Amazon ECS API failure reasons")
 */
export const refusalReasons = [
  'MISSING',
  'INACTIVE',
  'AGENT',
  'LOCATION',
  'ATTRIBUTE',
  'MemberOf placement constraint unsatisfied.',
  'DistinctInstance placement constraint unsatisfied.',
  'RESOURCE:GPU',
  'RESOURCE:ENI',
  'RESOURCE:CPU',
  'RESOURCE:MEMORY',
  'RESOURCE:PORTS',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export interface Refusal {
  readonly containerInstanceArn: string
  readonly reason: RefusalReason
}

/** What speaks against an instance whatever room it has. */
export const refusalOfInstance = (
  view: View,
  instance: ContainerInstanceRow,
  request: PlacementRequest,
): Refusal | undefined => {
  const refuse = (reason: RefusalReason): Refusal => ({ containerInstanceArn: instance.id, reason })
  if (instance.status !== 'ACTIVE') return refuse('INACTIVE')
  if (!instance.agentConnected) return refuse('AGENT')
  if (!takesLaunchType(instance, request.launchType)) return refuse('ATTRIBUTE')
  if (!hasAttributes(instance, request.requirements)) return refuse('ATTRIBUTE')
  const expressions = request.requirements.expressions
  if (!expressions.every(expression => memberOf(view, instance, expression)))
    return refuse('MemberOf placement constraint unsatisfied.')
  for (const { type, expression } of request.constraints)
    if (type === 'memberOf' && !memberOf(view, instance, expression ?? ''))
      return refuse('MemberOf placement constraint unsatisfied.')
  return undefined
}

/** What the tasks that are there, or that this placement has put there, leave no room for. */
export const refusalOfRoom = (candidate: Candidate, request: PlacementRequest): Refusal | undefined => {
  const { requirements, constraints } = request
  const refuse = (reason: RefusalReason): Refusal => ({ containerInstanceArn: candidate.instance.id, reason })
  if (candidate.ofGroup > 0 && constraints.some(({ type }) => type === 'distinctInstance'))
    return refuse('DistinctInstance placement constraint unsatisfied.')
  if (candidate.freeGpuIds.length < requirements.gpus) return refuse('RESOURCE:GPU')
  if (candidate.cpu < requirements.cpu) return refuse('RESOURCE:CPU')
  if (candidate.memoryMiB < requirements.memoryMiB) return refuse('RESOURCE:MEMORY')
  if (requirements.ports.some(candidate.holdsPort)) return refuse('RESOURCE:PORTS')
  return undefined
}

/**
 * A host of the official agent is an EC2 instance or, with ECS Anywhere's mark, an external one. A host of Berth's own
 * agent is anybody's machine, and takes both.
 */
const takesLaunchType = (instance: ContainerInstanceRow, launchType: 'EC2' | 'EXTERNAL'): boolean =>
  instance.agentKind === 'berth' ||
  attributesOf(instance).has('ecs.capability.external') === (launchType === 'EXTERNAL')

const hasAttributes = (instance: ContainerInstanceRow, { attributes }: TaskRequirements): boolean => {
  const present = attributesOf(instance)
  return attributes.every(({ name, value }) => {
    const found = name === undefined ? undefined : present.get(name)
    return found !== undefined && (value === undefined || found === value)
  })
}

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
