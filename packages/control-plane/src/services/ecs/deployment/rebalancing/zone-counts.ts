/** How evenly a service's tasks are spread over zones. (AWS: "Balancing an Amazon ECS service across Availability Zones") */

/** Tasks by zone: every zone that counts is there, also one without tasks. */
export type ZoneCounts = ReadonlyMap<string, number>

export const withZones = (counts: ZoneCounts, zones: Iterable<string>): ZoneCounts => {
  const all = new Map(counts)
  for (const zone of zones) if (!all.has(zone)) all.set(zone, 0)
  return all
}

/** Of these zones, those to which a task could move so that the spread gets evener: two fewer than `most`, or less. */
export const zonesBelow = (counts: ZoneCounts, most: number): string[] =>
  [...counts].filter(([, count]) => most - count >= 2).map(([zone]) => zone)

export const mostOf = (counts: ZoneCounts): number => Math.max(0, ...counts.values())

/** One task less than every zone's share would be enough for the others: how many have to move until zones differ by one at most. */
export const movesToBalance = (counts: ZoneCounts): number => {
  const sorted = [...counts.values()].sort((a, b) => b - a)
  const total = sorted.reduce((sum, count) => sum + count, 0)
  const share = Math.floor(total / sorted.length)
  const larger = total - share * sorted.length
  return sorted.reduce(
    (moves, count, index) => moves + Math.max(0, share + (index < larger ? 1 : 0) - count),
    0,
  )
}

/** The zones that a new task may go to one after the other, as long as each of them makes the spread evener. */
export class ZoneMoves {
  readonly #counts: Map<string, number>
  /** From which tasks may be taken. */
  readonly #sources: ReadonlySet<string>

  constructor(counts: ZoneCounts, sources: ReadonlySet<string>) {
    this.#counts = new Map(counts)
    this.#sources = sources
  }

  /** Notes that a task moves to the zone, if that is an improvement. */
  take(zone: string): boolean {
    let source: string | undefined
    for (const candidate of this.#sources)
      if (source === undefined || this.#count(candidate) > this.#count(source)) source = candidate
    if (source === undefined || this.#count(source) - this.#count(zone) < 2) return false
    this.#counts.set(zone, this.#count(zone) + 1)
    this.#counts.set(source, this.#count(source) - 1)
    return true
  }

  #count(zone: string): number {
    return this.#counts.get(zone) ?? 0
  }
}
