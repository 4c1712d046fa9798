/** What a topic of facts is made of: pure functions of the rows. */
import type { FactsByTopic, FactTopic } from '@berth/model'
import type { Change, View } from '../../store/view.ts'

export interface FactPage<F> {
  readonly facts: readonly F[]
  /** Where the next page begins; absent at the end. */
  readonly next?: string
}

/** What a change may have altered. */
export type Touch =
  /** One fact of an audience, or, without a key, all of them. */
  | { readonly audience: string; readonly key?: string }
  /** Which audiences a host is of. */
  | { readonly host: string }
  /** The same of every host that is of this audience now. */
  | { readonly hostsOf: string }

/**
 * Facts belong to audiences, and hosts are of audiences: what many hosts are told alike is read, compared and kept once. A
 * key is in one audience only.
 */
export interface TopicSource<T extends FactTopic = FactTopic> {
  readonly topic: T
  readonly audiencesOf: (view: View, containerInstanceArn: string) => Iterable<string>
  /** Between two pages the rows may change; what `touched` tells of such a change is looked at afterwards. */
  readonly pageOf: (view: View, audience: string, from: string | undefined) => FactPage<FactsByTopic[T]>
  /** The fact with a key that `touched` has named. */
  readonly factOf: (view: View, audience: string, key: string) => FactsByTopic[T] | undefined
  /** Called within each commit: bounded work, whatever changes. */
  readonly touched: (change: Change, view: View) => Iterable<Touch>
}

interface HostTopic<T extends FactTopic> {
  readonly topic: T
  readonly factsOf: (view: View, containerInstanceArn: string) => Iterable<FactsByTopic[T]>
  /** The container instances whose facts a change may have altered. Called within each commit. */
  readonly concerned: (change: Change, view: View) => Iterable<string>
}

/** A topic of which each host has few facts, and of its own: they are all read again when one of them may have changed. */
export const perHost = <T extends FactTopic>({
  topic,
  factsOf,
  concerned,
}: HostTopic<T>): TopicSource<T> => ({
  topic,
  audiencesOf: (_, containerInstanceArn) => [containerInstanceArn],
  pageOf: (view, audience) => ({ facts: [...factsOf(view, audience)] }),
  factOf: () => undefined,
  touched: (change, view) => [...concerned(change, view)].map(audience => ({ audience })),
})
