/**
 * Orders candidates by a strategy. Leading spreads over an attribute make a tree: the group with the fewest tasks
 * first, and inside it the next strategy. What remains orders the leaves. So placing one task costs a walk down one
 * path, not a look at every instance.
 */
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import { attributeOf, type Candidate } from './candidate.ts'
import { Heap, type Ranked } from './heap.ts'

export interface Ranking {
  readonly best: () => Candidate | undefined
  /** One candidate's numbers have changed, or whether it is refused; and by how much its tasks of the group. */
  readonly moved: (candidate: Candidate, addedToGroup: number) => void
  /** A new candidate, with the tasks that it has. */
  readonly joined: (candidate: Candidate) => void
  /** One of the candidates is one no more. Its numbers are as they were. */
  readonly left: (candidate: Candidate) => void
}

/** Spread over the zones, then over the instances; like the console's "AZ balanced spread". */
const defaultStrategy: readonly PlacementStrategy[] = [
  { type: 'spread', field: 'attribute:ecs.availability-zone' },
  { type: 'spread', field: 'instanceId' },
]

/** `candidates` are all instances of the cluster: those that are refused count in their groups, and get nothing. */
export const rankingOf = (
  candidates: readonly Candidate[],
  strategy: readonly PlacementStrategy[],
  seed: string,
): Ranking => {
  const chosen = strategy.length > 0 ? strategy : defaultStrategy
  const grouped = chosen.findIndex(item => groupingOf(item) === undefined)
  const groups = grouped < 0 ? chosen : chosen.slice(0, grouped)
  return tree(candidates, groups, orderOf(chosen.slice(groups.length), candidates, seed))
}

/** The attribute that a spread groups instances by. An instance is a group by itself, which needs no tree. */
const groupingOf = ({ type, field }: PlacementStrategy): string | undefined =>
  type === 'spread' && field?.startsWith('attribute:') ? field.slice('attribute:'.length) : undefined

interface Group extends Ranked {
  tasks: number
  readonly members: Ranking
}

const tree = (
  candidates: readonly Candidate[],
  groupings: readonly PlacementStrategy[],
  order: LeafOrder,
): Ranking => {
  const [grouping, ...inner] = groupings
  if (!grouping) return order.changesElsewhere ? scanned(candidates, order) : leaves(candidates, order)
  const name = groupingOf(grouping) ?? ''
  const groups = new Map<string | undefined, Group>()
  const groupOf = (members: readonly Candidate[]): Group => {
    const tasks = members.reduce((sum, { ofGroup }) => sum + ofGroup, 0)
    return { tasks, members: tree(members, inner, order), position: -1 }
  }
  for (const [value, members] of Map.groupBy(candidates, candidate => attributeOf(candidate, name)))
    groups.set(value, groupOf(members))
  return branches(
    [...groups.values()],
    candidate => {
      const value = attributeOf(candidate, name)
      const group = groups.get(value) ?? groupOf([])
      groups.set(value, group)
      return group
    },
    order,
  )
}

/** Groups with equally many tasks are ordered by their best candidates, so that single tasks do not all go to one zone. */
const branches = (
  groups: readonly Group[],
  groupOf: (candidate: Candidate) => Group,
  order: LeafOrder,
): Ranking => {
  const open = groups.filter(({ members }) => members.best() !== undefined)
  const heap = new Heap(open, (a, b) => {
    const [bestOfA, bestOfB] = [a.members.best(), b.members.best()]
    return a.tasks - b.tasks || (bestOfA && bestOfB ? order.compare(bestOfA, bestOfB) : 0)
  })
  const change = (candidate: Candidate, added: number, tell: (members: Ranking) => void): void => {
    const group = groupOf(candidate)
    group.tasks += added
    tell(group.members)
    if (group.members.best()) heap.settle(group)
    else heap.remove(group)
  }
  return {
    best: () => heap.first?.members.best(),
    moved: (candidate, addedToGroup) =>
      change(candidate, addedToGroup, members => members.moved(candidate, addedToGroup)),
    joined: candidate => change(candidate, candidate.ofGroup, members => members.joined(candidate)),
    left: candidate => change(candidate, -candidate.ofGroup, members => members.left(candidate)),
  }
}

const isOpen = ({ refusedFor }: Candidate): boolean => refusedFor === undefined

const leaves = (candidates: readonly Candidate[], order: LeafOrder): Ranking => {
  const heap = new Heap(candidates.filter(isOpen), order.compare)
  const moved: Ranking['moved'] = (candidate, addedToGroup) => {
    order.moved(candidate, addedToGroup)
    if (isOpen(candidate)) heap.settle(candidate)
    else heap.remove(candidate)
  }
  return {
    best: () => heap.first,
    moved,
    joined: candidate => moved(candidate, candidate.ofGroup),
    left: candidate => {
      order.moved(candidate, -candidate.ofGroup)
      heap.remove(candidate)
    },
  }
}

/** For the rare strategy that spreads over an attribute after packing: a task moves its neighbours in the order, too. */
const scanned = (candidates: readonly Candidate[], order: LeafOrder): Ranking => {
  const all = new Set(candidates)
  return {
    best: () => {
      let first: Candidate | undefined
      for (const candidate of all)
        if (isOpen(candidate) && (!first || order.compare(candidate, first) < 0)) first = candidate
      return first
    },
    moved: order.moved,
    joined: candidate => {
      all.add(candidate)
      order.moved(candidate, candidate.ofGroup)
    },
    left: candidate => {
      all.delete(candidate)
      order.moved(candidate, -candidate.ofGroup)
    },
  }
}

type Compare = (a: Candidate, b: Candidate) => number

interface LeafOrder {
  readonly compare: Compare
  readonly moved: Ranking['moved']
  /** Whether a task of one candidate changes another's place in the order. */
  readonly changesElsewhere: boolean
}

/** Ties go to the instance with the fewest tasks of all, then to the lower ARN. */
const orderOf = (
  strategy: readonly PlacementStrategy[],
  candidates: readonly Candidate[],
  seed: string,
): LeafOrder => {
  const parts = strategy.map(item => partOf(item, candidates, seed))
  const compares = parts.map(({ compare }) => compare)
  return {
    compare: (a, b) => {
      for (const compare of compares) {
        const order = compare(a, b)
        if (order !== 0) return order
      }
      return a.tasks - b.tasks || (a.instance.id < b.instance.id ? -1 : 1)
    },
    moved: (candidate, addedToGroup) => {
      for (const { moved } of parts) moved(candidate, addedToGroup)
    },
    changesElsewhere: parts.some(part => part.changesElsewhere),
  }
}

const partOf = (item: PlacementStrategy, candidates: readonly Candidate[], seed: string): LeafOrder => {
  const grouping = groupingOf(item)
  if (grouping !== undefined) return spreadOver(grouping, candidates)
  switch (item.type) {
    case 'binpack':
      return fixed(
        item.field?.toLowerCase() === 'cpu' ? (a, b) => a.cpu - b.cpu : (a, b) => a.memoryMiB - b.memoryMiB,
      )
    case 'random':
      return drawn(seed)
    case 'spread':
    case undefined:
      return fixed((a, b) => a.ofGroup - b.ofGroup)
  }
}

const fixed = (compare: Compare): LeafOrder => ({ compare, moved: () => {}, changesElsewhere: false })

const spreadOver = (attribute: string, candidates: readonly Candidate[]): LeafOrder => {
  const tasks = new Map<string | undefined, number>()
  const tasksWith = (candidate: Candidate): number => tasks.get(attributeOf(candidate, attribute)) ?? 0
  for (const candidate of candidates)
    tasks.set(attributeOf(candidate, attribute), tasksWith(candidate) + candidate.ofGroup)
  return {
    compare: (a, b) => tasksWith(a) - tasksWith(b),
    moved: (candidate, addedToGroup) =>
      tasks.set(attributeOf(candidate, attribute), tasksWith(candidate) + addedToGroup),
    changesElsewhere: true,
  }
}

/** A number for each candidate, drawn again after each of its tasks. */
const drawn = (seed: string): LeafOrder => {
  const draw = ({ instance, tasks }: Candidate): number => hash(`${seed}|${instance.id}|${tasks}`)
  const drawnOf = new Map<Candidate, number>()
  const of = (candidate: Candidate): number => {
    const number = drawnOf.get(candidate) ?? draw(candidate)
    drawnOf.set(candidate, number)
    return number
  }
  return {
    compare: (a, b) => of(a) - of(b),
    moved: candidate => drawnOf.delete(candidate),
    changesElsewhere: false,
  }
}

/** FNV-1a with a final mix: 32 bits that look random enough to choose a host by. */
const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  state = Math.imul(state ^ (state >>> 16), 0x45d9f3b)
  return (state ^ (state >>> 16)) >>> 0
}
