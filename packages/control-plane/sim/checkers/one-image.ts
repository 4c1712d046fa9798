import type { Service, Task } from '@aws-sdk/client-ecs'
import { externalService } from '../clients/task-set-caller.ts'
import type { Checker } from './checker.ts'

/** After so many tasks that failed before they said what their images are, a deployment goes on without digests. */
const ATTEMPTS = 3

/** Tasks of one deployment that run have one image, whatever its tag comes to stand for; after a roll-back, the earlier one. */
export const oneImage = (): Checker => {
  /** By deployment and container: the digest of the first task that was seen RUNNING. */
  const established = new Map<string, string>()
  const judged = new Set<string>()
  const targets = new Map<string, string>()
  return {
    name: 'one-image',
    learn: ({ tasks, services }) => {
      for (const service of services) noteTargets(service, targets)
      const failures = countFailures(tasks.values())
      for (const [arn, { lastStatus, startedBy = '', group, containers = [] }] of tasks) {
        // Images of task sets are not pinned.
        if (group === `service:${externalService}`) continue
        if (lastStatus !== 'RUNNING' || judged.has(arn) || !startedBy.startsWith('ecs-svc/')) continue
        judged.add(arn)
        if ((failures.get(startedBy) ?? 0) >= ATTEMPTS) continue
        for (const { name, imageDigest } of containers) {
          if (imageDigest === undefined) continue
          const target = established.get(`${targets.get(startedBy)} ${name}`)
          const digest = established.get(`${startedBy} ${name}`) ?? target ?? imageDigest
          established.set(`${startedBy} ${name}`, digest)
          if (digest !== imageDigest) return `${arn} of ${startedBy} runs ${imageDigest}, others ${digest}`
        }
      }
      return undefined
    },
  }
}

const noteTargets = ({ deployments = [] }: Service, targets: Map<string, string>): void => {
  for (const { id = '', rolloutStateReason = '' } of deployments) {
    const target = /rolling back to deploymentId (ecs-svc\/\d+)/.exec(rolloutStateReason)?.[1]
    if (target !== undefined) targets.set(id, target)
  }
}

const countFailures = (tasks: Iterable<Task>): ReadonlyMap<string, number> => {
  const failures = new Map<string, number>()
  for (const { startedBy = '', stopCode } of tasks)
    if (stopCode === 'TaskFailedToStart') failures.set(startedBy, (failures.get(startedBy) ?? 0) + 1)
  return failures
}
