import type { Attribute, PlacementConstraint } from '@aws-sdk/client-ecs'
import { evaluate } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { parseQuery, valuesOf } from '../query.ts'
import { type Candidate, holdsAny } from './candidate.ts'
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
  /** For ATTRIBUTE: what the instance does not have, as `name` or `name=value`. */
  readonly lacks?: readonly string[]
  /** For LOCATION: what is elsewhere. */
  readonly because?: string
}

/**
 * Capabilities for which an agent needs the control plane, which does not give it what it needs yet: credentials of
 * roles and registries, and the definitions of these resources. docs/agents.md lists them. No instance counts as having them, whatever its agent says.
 */
const unserved =
  /^(com\.amazonaws\.ecs\.capability\.ecr-auth|ecs\.capability\.(execution-role-ecr-pull|aws-appmesh))$/

const isUnserved = ({ name = '' }: Attribute): boolean => unserved.test(name)

/** Why a candidate is refused; undefined when it is not. */
export type Filter = (view: View, candidate: Candidate) => RefusalReason | undefined

export interface Filters {
  /** What speaks against an instance whatever room it has. */
  readonly ofInstance: Filter
  /** What the tasks that are there, or that this placement has put there, leave no room for. */
  readonly ofRoom: Filter
}

export const filtersOf = (request: PlacementRequest): Filters => {
  const { requirements, constraints } = request
  const distinct = constraints.some(({ type }) => type === 'distinctInstance')
  const asksForUnserved = requirements.attributes.some(isUnserved)
  const expressions = [...requirements.expressions, ...memberExpressions(constraints)].map(parseQuery)
  const belongs = (view: View, candidate: Candidate): boolean =>
    expressions.every(expression =>
      evaluate(expression, subject => valuesFor(view, candidate, request, subject)),
    )
  return {
    ofInstance: (view, candidate) => {
      const { instance } = candidate
      if (instance.status !== 'ACTIVE') return 'INACTIVE'
      if (!instance.agentConnected) return 'AGENT'
      if (request.host && request.host.containerInstanceArn !== instance.id) return 'LOCATION'
      if (request.zones && !request.zones.includes(candidate.zone ?? '')) return 'LOCATION'
      if (!takesLaunchType(candidate, request.launchType)) return 'ATTRIBUTE'
      if (!hasOperatingSystem(candidate, requirements)) return 'ATTRIBUTE'
      if (asksForUnserved || !hasAttributes(candidate, requirements)) return 'ATTRIBUTE'
      return belongs(view, candidate) ? undefined : 'MemberOf placement constraint unsatisfied.'
    },
    ofRoom: (view, candidate) => {
      if (distinct && candidate.ofGroup > 0) return 'DistinctInstance placement constraint unsatisfied.'
      if (candidate.given > 0 && !belongs(view, candidate))
        return 'MemberOf placement constraint unsatisfied.'
      if (candidate.freeGpuIds.length < requirements.gpus) return 'RESOURCE:GPU'
      if (candidate.enis < requirements.enis) return 'RESOURCE:ENI'
      if (candidate.cpu < requirements.cpu) return 'RESOURCE:CPU'
      if (candidate.memoryMiB < requirements.memoryMiB) return 'RESOURCE:MEMORY'
      return holdsAny(candidate, requirements.ports) ? 'RESOURCE:PORTS' : undefined
    },
  }
}

const memberExpressions = (constraints: readonly PlacementConstraint[]): readonly string[] =>
  constraints.flatMap(({ type, expression }) => (type === 'memberOf' ? (expression ?? '') : []))

/** `not(task:group == family:web)` must see the tasks that this placement has put there, too. */
const valuesFor = (
  view: View,
  { instance, given }: Candidate,
  { group }: PlacementRequest,
  subject: string,
): readonly string[] => {
  const values = valuesOf(subject, view, instance)
  return subject === 'task:group' && given > 0 ? [...values, group] : values
}

/** **Berth**: the operator offers the host to tasks of launch type FARGATE. */
const fargateAttribute = 'berth.fargate'

/**
 * A host of the official agent is an EC2 instance or, with ECS Anywhere's mark, an external one. A host of Berth's own
 * agent is anybody's machine, and takes both.
 */
const takesLaunchType = (
  { instance, attributes }: Candidate,
  launchType: PlacementRequest['launchType'],
): boolean =>
  launchType === 'FARGATE'
    ? instance.agentKind === 'berth' && attributes.has(fargateAttribute)
    : instance.agentKind === 'berth' ||
      launchType === undefined ||
      attributes.has('ecs.capability.external') === (launchType === 'EXTERNAL')

const hasOperatingSystem = ({ attributes }: Candidate, { isWindows }: TaskRequirements): boolean =>
  (attributes.get('ecs.os-type') === 'windows') === isWindows

const hasAttributes = (candidate: Candidate, { attributes }: TaskRequirements): boolean =>
  attributes.every(attribute => hasAttribute(candidate, attribute))

/**
 * What another agent means by these needs services of Amazon's own, whatever is configured on its host: network interfaces
 * of EC2, EBS, buckets of S3, and EFS's proxy for encryption on the way. docs/official-agent.md lists them.
 */
const ofBerthsAgentAlone =
  /^ecs\.capability\.(task-eni|storage\.ebs-task-volume-attach|env-files\.s3|firelens\.options\.config\.s3|efsAuth)$/

const hasAttribute = (candidate: Candidate, { name, value }: Attribute): boolean => {
  if (name === undefined) return false
  if (candidate.instance.agentKind !== 'berth' && ofBerthsAgentAlone.test(name)) return false
  const found = candidate.attributes.get(name)
  return found !== undefined && (value === undefined || found === value)
}

export const refusalOf = (
  candidate: Candidate,
  reason: RefusalReason,
  request: PlacementRequest,
): Refusal => ({
  containerInstanceArn: candidate.instance.id,
  reason,
  ...(reason === 'LOCATION' && { because: whyElsewhere(request) }),
  ...(reason === 'ATTRIBUTE' && { lacks: lackingAttributes(candidate, request) }),
})

const whyElsewhere = ({ host, zones = [] }: PlacementRequest): string =>
  host?.because ?? `The subnets are in ${zones.length > 0 ? zones.join(', ') : 'no zone'}.`

const lackingAttributes = (
  candidate: Candidate,
  { launchType, requirements }: PlacementRequest,
): string[] => [
  ...(launchType === 'FARGATE' && !takesLaunchType(candidate, launchType) ? [fargateAttribute] : []),
  ...(launchType === 'EXTERNAL' && !takesLaunchType(candidate, launchType)
    ? ['ecs.capability.external']
    : []),
  ...(hasOperatingSystem(candidate, requirements)
    ? []
    : [`ecs.os-type=${requirements.isWindows ? 'windows' : 'linux'}`]),
  ...requirements.attributes
    .filter(attribute => isUnserved(attribute) || !hasAttribute(candidate, attribute))
    .map(({ name, value }) => (value === undefined ? `${name}` : `${name}=${value}`)),
]
