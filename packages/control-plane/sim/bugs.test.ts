import { describe, expect, it } from 'vitest'
import { plantedBugs } from './bugs/index.ts'
import { firstCatch } from './first-catch.ts'

/** Those that are named see the bug at once or are the only ones that can; others may be the first by luck. */
const seenBy: Readonly<Record<string, readonly string[]>> = {
  'answers-before-durable': ['acknowledged-writes', 'task-history', 'one-leader'],
  'numbers-restart': ['message-order'],
  'gives-up-early': ['lost-hosts'],
  'wrong-exit-code': ['engine-truth'],
  'wished-status': ['engine-truth', 'task-history'],
  overcommit: ['capacity'],
  'reused-port': ['capacity'],
  'freed-too-early': ['capacity'],
  'reused-address': ['addresses'],
  'kept-address': ['addresses'],
  'doubled-effect': ['acknowledged-writes'],
  'forgotten-stop': ['acknowledged-writes'],
  'shared-credentials': ['role-credentials'],
  'forgetful-breaker': ['services-are-steady'],
  'idle-balance': ['services-are-steady'],
  'deaf-daemon': ['daemons'],
  'doubled-daemon': ['daemons'],
  'ignored-stop': ['acknowledged-writes'],
  'newest-source': ['strategies'],
  'patient-rollback': ['strategies'],
  'doubled-hook': ['strategies'],
  'skipped-stage': ['strategies'],
  'hasty-shift': ['strategies'],
  'hasty-clean-up': ['strategies', 'strategies-end'],
  'halved-scale': ['task-sets'],
  'undead-set': ['task-sets'],
  'sleepless-service': ['pauses'],
  'sleepless-replicas': ['pauses'],
  // What should not run counts as failed, too.
  'half-asleep': ['pauses', 'services-are-steady', 'circuit-breaker'],
  'last-one-wins': ['one-identity'],
  'forgotten-deployment': ['deployment-history'],
  'unended-deployment': ['deployment-history'],
  // The one that goes on watches its alarms again.
  'revived-deployment': ['deployment-history', 'alarms'],
  'unended-deletion': ['strategies-end'],
  'orphaned-effects': ['strategies-end'],
  'forgotten-effect': ['strategies-end'],
  'deaf-alarms': ['alarms'],
  'false-alarms': ['alarms'],
  'baked-and-forgotten': ['alarms'],
  'hasty-bake': ['bake-times'],
  'hasty-bake-of-strategies': ['bake-times'],
  'unpinned-restore': ['one-image'],
  'hasty-update': ['strategies'],
  'leaked-volume': ['volumes'],
  'forgotten-volume': ['volumes'],
  'unwanted-volume': ['volumes'],
  'undrained-stop': ['targets'],
  'kept-target': ['targets'],
  'trusted-targets': ['targets'],
  'forgotten-alternate': ['targets'],
  // Nobody asks its targets any more.
  'clinging-balancer': ['carriers', 'targets'],
  'two-carriers': ['carriers'],
  'shared-address': ['carriers'],
  'trusted-clocks': ['server-times'],
  'unseen-leap': ['lost-hosts'],
  'stale-health': ['health-is-told'],
  'ignored-protection': ['task-protection'],
  'forgotten-protection': ['task-protection'],
  'settled-at-once': ['service-limits'],
  'trusted-health': ['service-limits'],
  'no-grace': ['stop-reasons'],
  'rounded-down': ['service-limits'],
  'rounded-up': ['service-limits'],
  'tireless-launches': ['launch-backoff'],
  'undead-service': ['services-are-steady', 'strategies-end'],
  'drained-standalone': ['stop-reasons'],
  // Where it places them it does not ask whether there is room.
  'placed-on-draining': ['draining', 'capacity'],
  // What tasks of another cluster take there is given away a second time.
  'foreign-instances': ['draining', 'capacity'],
  'two-primaries': ['deployments'],
  'wrong-rollback': ['deployments'],
  'early-completion': ['deployments'],
  'hasty-breaker': ['circuit-breaker'],
  'unpinned-images': ['one-image'],
  'impatient-launches': ['one-image'],
  'forgotten-digests': ['one-image'],
  // The agent gives its session up again and again: whether it is away in the end is chance.
  'dropped-acknowledgement': ['reports-are-acknowledged', 'lost-hosts-are-given-up', 'services-are-steady'],
}

describe('the checkers', () => {
  it.each(plantedBugs.map(bug => [bug.name, bug] as const))(
    'see the planted bug %s',
    async (name, bug) => {
      const caught = await firstCatch(bug)
      expect(caught?.violation, bug.says).toBeDefined()
      const named = seenBy[name]
      if (named !== undefined) expect(named).toContain(caught?.violation?.checker)
    },
    300_000,
  )
})
