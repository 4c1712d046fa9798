import type { ServiceDeployment } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import type { Alarms } from '../outside/alarms.ts'
import type { Checker, Observation } from './checker.ts'
import { isOfFollowed } from './followed-deployments.ts'

/** Servers' clocks are not exact. */
const BLUR_MS = 5_000
/** A server that stood still has heard of an alarm before it does anything else so often. */
const LOOKS = 10
const HEEDED_WITHIN_MS = 4_000

interface Ignored {
  readonly epoch: number
  readonly at: number
  looks: number
}

/** A deployment that watches alarms ends when one of them goes off, and only then. */
export const alarms = (known: Acknowledged, outside: Alarms): Checker => {
  /** By service deployment: how long it has gone on although a leader knew of an alarm. */
  const ignored = new Map<string, Ignored>()
  return {
    name: 'alarms',
    learn: observation => {
      for (const deployment of observation.serviceDeployments.filter(isOfFollowed)) {
        const wrong =
          judgeTriggered(outside, deployment, observation) ??
          judgeIgnored(known, outside, ignored, deployment, observation)
        if (wrong) return `${deployment.serviceDeploymentArn} ${wrong}`
      }
      return undefined
    },
  }
}

const judgeTriggered = (
  { outcries }: Alarms,
  { alarms: watched, status, createdAt, finishedAt }: ServiceDeployment,
  { at, trueTime }: Observation,
): string | undefined => {
  const triggered = watched?.triggeredAlarmNames ?? []
  if (watched?.status !== 'TRIGGERED') return undefined
  if (status !== 'STOPPED' && !status?.startsWith('ROLLBACK')) return `is ${status}, and an alarm went off`
  const from = trueTime(createdAt) - BLUR_MS
  const to = finishedAt === undefined ? at : trueTime(finishedAt) + BLUR_MS
  const untrue = triggered.find(
    name =>
      !outcries
        .get(name)
        ?.some(({ since, until = Number.POSITIVE_INFINITY }) => since <= to && until >= from),
  )
  return untrue && `was given up because of ${untrue}, which had not gone off`
}

const judgeIgnored = (
  known: Acknowledged,
  { outcries }: Alarms,
  ignored: Map<string, Ignored>,
  { serviceDeploymentArn: arn = '', serviceArn, clusterArn, alarms: watched, ...rest }: ServiceDeployment,
  { at, epoch, trueTime }: Observation,
): string | undefined => {
  const { status, lifecycleStage, createdAt } = rest
  // In the last stage there is nothing to go back to.
  const watches =
    watched?.status === 'MONITORING' && status === 'IN_PROGRESS' && lifecycleStage !== 'CLEAN_UP'
  const name = watched?.alarmNames?.find(one =>
    outcries
      .get(one)
      ?.some(({ since, toldAt, until }) => toldAt !== undefined && !until && since > trueTime(createdAt)),
  )
  const key = serviceKey(clusterOf(clusterArn), serviceArn?.split('/').at(-1))
  const mayBePaused = known.paused.expected.has(key) && !known.paused.isSurely(key, false)
  if (!watches || name === undefined || mayBePaused) {
    ignored.delete(arn)
    return undefined
  }
  const before = ignored.get(arn)
  const since = before?.epoch === epoch ? before : { epoch, at, looks: 0 }
  since.looks += 1
  ignored.set(arn, since)
  return since.looks > LOOKS && at - since.at > HEEDED_WITHIN_MS
    ? `goes on, and ${name} went off ${at - since.at} ms ago`
    : undefined
}
