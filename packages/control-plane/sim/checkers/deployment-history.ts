/** Service deployments go on, end, and are history then: told as they ended, as long as history is kept. */
import type { ServiceDeployment } from '@aws-sdk/client-ecs'
import type { Checker } from './checker.ts'

const ended = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'] as const
const goingBack = ['ROLLBACK_IN_PROGRESS', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'] as const
const asked = ['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS', ...ended] as const

/** What may be shown after a status; what comes between may have been missed. Nothing follows an end. */
const laterThan: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['IN_PROGRESS', ...asked],
  IN_PROGRESS: asked,
  STOP_REQUESTED: ['STOPPED'],
  ROLLBACK_REQUESTED: goingBack,
  ROLLBACK_IN_PROGRESS: ended.filter(status => status !== 'SUCCESSFUL'),
}

export const hasEnded = ({ status }: ServiceDeployment): boolean => ended.some(one => one === status)

/** What the API says of the past of one service, when it is asked for it. */
export interface Recalled {
  /** What callers had been shown before it was asked, the oldest first. */
  readonly shown: readonly ServiceDeployment[]
  readonly described: readonly ServiceDeployment[]
  /** The ARNs that the service has now, newest first; undefined where the name stands for another one meanwhile. */
  readonly listed: { readonly since: Date; readonly arns: readonly string[] } | undefined
}

export interface DeploymentHistory extends Checker {
  /** Those that callers were shown: by service, and then by ARN, the oldest first. */
  readonly shown: ReadonlyMap<string, ReadonlyMap<string, ServiceDeployment>>
  /** Says what is wrong with it. */
  readonly recalled: (recalled: Recalled) => string | undefined
}

export const deploymentHistory = (): DeploymentHistory => {
  const shown = new Map<string, Map<string, ServiceDeployment>>()
  const note = (deployment: ServiceDeployment): string | undefined => {
    const { serviceArn = '', serviceDeploymentArn: arn = '' } = deployment
    const own = shown.get(serviceArn) ?? new Map<string, ServiceDeployment>()
    shown.set(serviceArn, own)
    const wrong = compare(own.get(arn), deployment)
    own.set(arn, deployment)
    return wrong
  }
  return {
    name: 'deployment-history',
    shown,
    learn: ({ serviceDeployments }) => firstOf(serviceDeployments, note),
    recalled: ({ shown: known, described, listed }) => {
      const found = new Map(described.map(one => [one.serviceDeploymentArn ?? '', one]))
      const newest = known.at(-1)
      return (
        firstOf(known, before => {
          const after = found.get(before.serviceDeploymentArn ?? '')
          if (after === undefined)
            return `${before.serviceDeploymentArn} was shown, and is not known any more`
          if (before !== newest && !hasEnded(after))
            return `${after.serviceDeploymentArn} was overtaken, and is ${after.status}`
          return compare(before, after)
        }) ??
        (listed && judgeList(known, listed))
      )
    },
  }
}

const firstOf = <T>(all: Iterable<T>, judge: (one: T) => string | undefined): string | undefined => {
  for (const one of all) {
    const wrong = judge(one)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const compare = (before: ServiceDeployment | undefined, after: ServiceDeployment): string | undefined => {
  if (before === undefined) return undefined
  const { serviceDeploymentArn: arn } = after
  if (hasEnded(before)) {
    const [was, is] = [JSON.stringify(before), JSON.stringify(after)]
    return was === is ? undefined : `${arn} had ended as ${was}, and is ${is}`
  }
  if (after.status === before.status) return undefined
  return laterThan[before.status ?? '']?.includes(after.status ?? '')
    ? undefined
    : `${arn} went from ${before.status} to ${after.status}`
}

/** An earlier service of the name had others. */
const judgeList = (
  known: readonly ServiceDeployment[],
  { since, arns }: NonNullable<Recalled['listed']>,
): string | undefined => {
  if (new Set(arns).size < arns.length) return 'a service deployment is listed twice'
  const expected = known
    .filter(({ createdAt }) => createdAt !== undefined && createdAt >= since)
    .map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn)
  const missing = expected.find(arn => !arns.includes(arn))
  if (missing !== undefined) return `${missing} is not listed`
  const listed = arns.filter(arn => expected.includes(arn)).toReversed()
  const unordered = listed.find((arn, index) => arn !== expected[index])
  return unordered && `${unordered} is listed out of order`
}
