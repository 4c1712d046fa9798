/** What callers know: kept by the workload, read by checkers. */

/** What becomes of a deployment whose tasks keep failing. */
export type Breaker = 'off' | 'gives-up' | 'rolls-back'

/** What a caller asked a service to be; `gone` once it is deleted. */
export type ServiceWish =
  | {
      readonly desiredCount: number
      readonly taskDefinition: string
      readonly minimum: number
      readonly maximum: number
      readonly breaker: Breaker
      readonly graceSeconds: number
    }
  | 'absent'
  | 'gone'

export type SpecifiedService = Exclude<ServiceWish, string>

interface Expected<T> {
  /** What may be true: one thing, or several while a call is under way or its outcome is unknown. */
  possible: readonly T[]
  isUnderway: boolean
}

/** What may have been true from some time on. */
export interface Uttered<T> {
  readonly at: number
  readonly possible: readonly T[]
}

/** What is asked of several things of one kind, each known by a key. */
export class Wishes<T> {
  readonly expected = new Map<string, Expected<T>>()
  /** By key, the oldest first. */
  readonly uttered = new Map<string, Uttered<T>[]>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** The newest wish; what was asked last, whether or not it was heard. */
  latest(key: string): T | undefined {
    return this.expected.get(key)?.possible.at(-1)
  }

  /** True when nothing but this is possible, and no call is under way. */
  isSurely(key: string, value: T): boolean {
    const expected = this.expected.get(key)
    return (
      expected !== undefined &&
      !expected.isUnderway &&
      expected.possible.length === 1 &&
      expected.possible[0] === value
    )
  }

  /** When the last call about it began or ended. */
  changedAt(key: string): number {
    return this.uttered.get(key)?.at(-1)?.at ?? 0
  }

  /** What may have been wished at some moment of the window. `blurMs`: what was replaced still counts for so long. */
  within(key: string, from: number, to: number, blurMs: number): readonly T[] {
    const uttered = this.uttered.get(key) ?? []
    const inWindow = uttered.filter(({ at }, index) => {
      const replacedAt = uttered[index + 1]?.at ?? Number.POSITIVE_INFINITY
      return at <= to && replacedAt + blurMs >= from
    })
    return inWindow.flatMap(({ possible }) => possible)
  }

  /** Asks for something: the wish is the only possible one once the call is done. */
  async promise<Outcome extends { readonly kind: 'done' | 'refused' | 'unknown' }>(
    key: string,
    next: T,
    before: T,
    call: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const { possible } = this.expected.get(key) ?? { possible: [before] }
    const expected = { possible: [...possible, next], isUnderway: true }
    this.expected.set(key, expected)
    this.#utter(key)
    const outcome = await call()
    expected.isUnderway = false
    if (outcome.kind === 'done') expected.possible = expected.possible.slice(-1)
    if (outcome.kind === 'refused') expected.possible = expected.possible.slice(0, -1)
    this.#utter(key)
    return outcome
  }

  /** Nothing else is true any more, whatever was asked: what the wish was about has gone. */
  settle(key: string, value: T): void {
    this.expected.set(key, { possible: [value], isUnderway: false })
    this.#utter(key)
  }

  #utter(key: string): void {
    const uttered = this.uttered.get(key) ?? []
    uttered.push({ at: this.#now(), possible: this.expected.get(key)?.possible ?? [] })
    this.uttered.set(key, uttered)
  }
}

export interface TaskWish {
  readonly taskDefinition: string
  readonly startedBy: string
}

/** Until when a task is protected, by the server's word; 'unknown' while a call about it is under way, or was lost. */
export type Protection = number | 'unknown'

export class Acknowledged {
  /** By cluster and name: `default/service-1`. */
  readonly services: Wishes<ServiceWish>
  /** The status of container instances, by ARN. */
  readonly instances: Wishes<string>
  readonly tasks = new Map<string, TaskWish>()
  readonly stops = new Set<string>()
  /** Tasks that a caller asked to stop, whatever the answer was. */
  readonly stopCalls = new Set<string>()
  readonly protections = new Map<string, Protection>()
  /** Services a deployment of which somebody asked to stop: they may be rolled back, or left where they are. */
  readonly stoppedServices = new Set<string>()
  /** The desired count of services with a deployment strategy. */
  readonly strategies: Wishes<number>
  /** Which services are paused. */
  readonly paused: Wishes<boolean>
  /** Pauses of deployments that somebody let go on, or tried to: by hook, and as `ARN stage`. */
  readonly continued = new Set<string>()
  readonly continuedStages = new Set<string>()
  /** Service deployments whose stop was acknowledged, and what was shown of them afterwards. */
  readonly shownAfterStop = new Map<string, string>()
  /** By startedBy: the most tasks that the call may have made, and those that an answer named. */
  readonly runs = new Map<string, { readonly most: number; answer: readonly string[] | undefined }>()

  constructor(now: () => number) {
    this.services = new Wishes(now)
    this.instances = new Wishes(now)
    this.strategies = new Wishes(now)
    this.paused = new Wishes(now)
  }
}

/** The cluster's name in the ARN of a cluster, or of what is in one. */
export const clusterOf = (arn: string | undefined): string => arn?.split('/')[1] ?? ''

/** `default/service-1`. `name`: a service's, or a task's group. */
export const serviceKey = (cluster: string, name: string | undefined): string =>
  `${cluster}/${name?.replace('service:', '')}`
