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

/** (AWS: "Amazon ECS service event messages") */
const noCapacity =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone'

/** Of Fargate's hosts answers show none: one for each task without a place. The detail is **Berth**'s, for the operator. */
export const capacityFailures = (placement: Placement, count: number): Failure[] =>
  Array.from({ length: count - placement.choices.length }, () => ({
    reason: noCapacity,
    detail: closestInWords(placement),
  }))

const closestInWords = ({ refusals }: Placement): string => {
  const closest = closestOf(refusals)
  if (closest === undefined) return noContainerInstances
  return `The closest matching container instance ${whyNot(closest)}.`
}

/** What follows `(service NAME) ` in the event of a service of launch type FARGATE. */
export const noFargateCapacity = (placement: Placement): string =>
  `was unable to place a task. Reason: ${noCapacity}. ${closestInWords(placement)}${allRefusals(placement.refusals)}`

export const noContainerInstances = 'No Container Instances were found in your cluster.'

const closestMatch: Partial<Record<RefusalReason, string>> = {
  'RESOURCE:GPU': 'has insufficient GPU resource available',
  'RESOURCE:CPU': 'has insufficient CPU units available',
  'RESOURCE:MEMORY': 'has insufficient memory available',
  'RESOURCE:PORTS': 'is already using a port required by your task',
  ATTRIBUTE: 'is missing an attribute required by your task',
}

/** What follows `(service NAME) ` in the service's event. (AWS: "Amazon ECS service event messages") */
export const unableToPlace = (placement: Placement): string => {
  const text = 'was unable to place a task because no container instance met all of its requirements.'
  const more = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'
  const closest = closestOf(placement.refusals)
  if (!closest) return `${text} Reason: ${noContainerInstances} ${more}`
  const named = `(container-instance ${lastSegment(closest.containerInstanceArn)})`
  return `${text} The closest matching ${named} ${whyNot(closest)}. ${more}${allRefusals(placement.refusals)}`
}

/** The same while the same is in the way, whichever instance is the closest, and however many others there are. */
export const causeOfRefusal = ({ refusals }: Placement): string => {
  const closest = closestOf(refusals)
  return closest === undefined ? noContainerInstances : whyNot(closest)
}

const whyNot = ({ reason, lacks = [], because }: Refusal): string => {
  const why = closestMatch[reason] ?? `encountered error "${reason}"`
  const lacking = lacks.length > 0 ? ` (${lacks.join(', ')})` : ''
  const elsewhere = because === undefined ? '' : ` (${because})`
  return `${why}${lacking}${elsewhere}`
}

/** How many instances each requirement has excluded, the most important first. One instance is the closest match itself. */
const allRefusals = (refusals: readonly Refusal[]): string => {
  if (refusals.length < 2) return ''
  const counts = new Map<string, number>()
  for (const { reason } of refusals) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts]
    .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    .map(([reason, count]) => `${count} for ${reason.replace(/\.$/, '')}`)
  return ` Refused of ${refusals.length} container instances: ${parts.join(', ')}.`
}

/** Of all instances, the one that got past most filters. */
const closestOf = (refusals: readonly Refusal[]): Refusal | undefined => {
  let closest: Refusal | undefined
  for (const refusal of refusals)
    if (!closest || refusalReasons.indexOf(refusal.reason) > refusalReasons.indexOf(closest.reason))
      closest = refusal
  return closest
}
