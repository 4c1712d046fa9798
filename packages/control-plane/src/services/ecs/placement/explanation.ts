import type { Failure } from '@aws-sdk/client-ecs'
import { lastSegment } from '@berth/model'
import { type Refusal, type RefusalReason, refusalReasons } from './filters.ts'
import type { Placement } from './place.ts'

/** What RunTask and StartTask answer for tasks that found no place: one entry an instance. */
export const failuresOf = (placement: Placement): Failure[] =>
  placement.refusals.map(({ containerInstanceArn, reason, lacks = [], because }) => ({
    arn: containerInstanceArn,
    reason,
    ...(because !== undefined && { detail: because }),
    ...(lacks.length > 0 && { detail: `Missing attributes: ${lacks.join(', ')}.` }),
  }))

export const noContainerInstances = 'No Container Instances were found in your cluster.'

const closestMatch: Partial<Record<RefusalReason, string>> = {
  'RESOURCE:CPU': 'has insufficient CPU units available',
  'RESOURCE:MEMORY': 'has insufficient memory available',
  'RESOURCE:PORTS': 'is already using a port required by your task',
  ATTRIBUTE: 'is missing an attribute required by your task',
}

/**
 * What follows `(service NAME) ` in the service's event. (AWS: "Amazon ECS service event messages")
 * Of all instances, the one that got past most filters is named, with the attributes that it lacks.
 */
export const unableToPlace = (placement: Placement): string => {
  const text = 'was unable to place a task because no container instance met all of its requirements.'
  const more = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'
  const closest = closestOf(placement.refusals)
  if (!closest) return `${text} Reason: ${noContainerInstances} ${more}`
  const why = closestMatch[closest.reason] ?? `encountered error "${closest.reason}"`
  const lacks = closest.lacks?.length ? ` (${closest.lacks.join(', ')})` : ''
  const elsewhere = closest.because === undefined ? '' : ` (${closest.because})`
  return `${text} The closest matching (container-instance ${lastSegment(closest.containerInstanceArn)}) ${why}${lacks}${elsewhere}. ${more}`
}

const closestOf = (refusals: readonly Refusal[]): Refusal | undefined => {
  let closest: Refusal | undefined
  for (const refusal of refusals)
    if (!closest || refusalReasons.indexOf(refusal.reason) > refusalReasons.indexOf(closest.reason))
      closest = refusal
  return closest
}
