import type { Millis } from '../../../../store/table.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { quietMs } from '../service-events.ts'
import { isBalanced, notBalanced, stoppedRebalancing } from './rebalancing-events.ts'
import type { ZoneCounts } from './zone-counts.ts'

/** So long after something was in the way, rebalancing is tried again. */
export const tryAgainMs = 60_000

/** Nothing is left to move. */
export const conclude = (draft: ServiceDraft, counts: ZoneCounts): void => {
  const { rebalancing } = draft.service
  if (rebalancing?.desiredCount !== undefined) draft.say(isBalanced(counts))
  if (rebalancing !== undefined) draft.change({ rebalancing: undefined })
}

/** Something else is to be done first. What was started too much is stopped as in any scale-in. */
export const interrupt = (draft: ServiceDraft): void => {
  draft.say(stoppedRebalancing)
  draft.change({ rebalancing: { notBefore: draft.now + tryAgainMs } })
}

/** Notes what is in the way; the service says it again only after hours. */
export const giveUp = (draft: ServiceDraft, counts: ZoneCounts, because: string, retryAt: Millis): void => {
  const { service, now } = draft
  const { desiredCount, blocked } = service.rebalancing ?? {}
  const repeats = blocked?.because === because && now < blocked.eventAt + quietMs
  if (!repeats) {
    if (desiredCount === undefined) draft.say(notBalanced(counts))
    draft.say(because)
    draft.say(stoppedRebalancing)
  }
  const eventAt = repeats ? blocked.eventAt : now
  draft.change({ rebalancing: { notBefore: retryAt, blocked: { because, eventAt } } })
  draft.wake(retryAt)
}
