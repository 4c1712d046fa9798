/** What operations of networks share: the account's default network, DryRun, and the refusal of what Berth does not have. */
import type { Filter } from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { Transaction } from '../../../store/view.ts'
import { type Call, type Operation, operation } from '../../service.ts'
import { checkDryRun, ec2Error } from '../errors.ts'
import { type FilterTexts, readFilters } from '../filters.ts'
import { pageOf } from '../pages.ts'
import { ensureNetwork, hasNetwork } from './default-network.ts'
import { arnOf, type Kind, rowOf, rowsInScope, type TaggedRow } from './kinds.ts'

/** Nothing is taken and ignored: a member that the operation does not have is refused, unless it asks for nothing. */
const refuseOthers = (input: object, takes: readonly string[]): void => {
  for (const [name, value] of Object.entries(input)) {
    const asksForNothing =
      value === undefined || value === false || (Array.isArray(value) && value.length === 0)
    if (!asksForNothing && name !== 'DryRun' && !takes.includes(name))
      throw ec2Error('UnsupportedOperation', `${name} is not supported by Berth yet.`)
  }
}

interface Changing<I, O> {
  readonly name: string
  /** The members that it has. */
  readonly takes: readonly (keyof I & string)[]
  readonly effect?: 'writes' | 'frees'
  /** The ARNs of what it is done to; default: all. */
  readonly resources?: (input: I, call: Call) => readonly string[]
  readonly change: (tx: Transaction, input: I, call: Call) => O
}

/** All of it happens, or nothing: a refusal, and a dry run at its end, undo what was done before. */
export const changing = <I extends object, O = object>({
  name,
  takes,
  effect = 'writes',
  resources = () => ['*'],
  change,
}: Changing<I, O>): Operation<I, O> =>
  operation<I, O>({
    name,
    effect,
    resources,
    handle: (input, call) => {
      refuseOthers(input, takes)
      return call.store.update(tx => {
        ensureNetwork(tx, call)
        const answer = change(tx, input, call)
        checkDryRun(input)
        return answer
      })
    },
  })

/** `resources` of an operation on one row. */
export const onOne =
  <I>(kind: Pick<Kind<never>, 'type' | 'prefix'>, id: (input: I) => string | undefined) =>
  (input: I, { scope }: Call): readonly string[] => [arnOf(kind, scope, id(input) ?? '')]

interface Reading<I, O> {
  readonly name: string
  readonly takes: readonly (keyof I & string)[]
  readonly read: (input: I, call: Call) => O
}

export const reading = <I extends object, O = object>({
  name,
  takes,
  read,
}: Reading<I, O>): Operation<I, O> =>
  operation<I, O>({
    name,
    effect: 'reads',
    resources: () => ['*'],
    handle: (input, call) => {
      refuseOthers(input, takes)
      checkDryRun(input)
      if (!hasNetwork(call.store, call.scope)) call.store.update(tx => ensureNetwork(tx, call))
      return read(input, call)
    },
  })

interface DescribeRequest {
  readonly Filters?: readonly Filter[] | undefined
  readonly Filter?: readonly Filter[] | undefined
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

interface Describing<I, R extends TaggedRow, O> {
  readonly name: string
  readonly kind: Kind<R>
  /** The request's member with the ids of what is asked for. */
  readonly ids: keyof I & string
  readonly filters: (call: Call) => FilterTexts<R>
  readonly item: (row: R, call: Call) => O
  /** Narrows to what other members of the request name. */
  readonly narrow?: (input: I, call: Call) => (row: R) => boolean
  readonly takes?: readonly (keyof I & string)[]
  /** Ids that nothing has are no fault. */
  readonly leavesOutMissing?: boolean
}

/** One page of rows, as `list` of the answer: `describing<DescribeVpcsRequest>()('Vpcs', …)`. */
export const describing =
  <I extends DescribeRequest>() =>
  <R extends TaggedRow, O, const L extends string>(
    list: L,
    { name, kind, ids, filters, item, narrow, takes = [], leavesOutMissing = false }: Describing<I, R, O>,
  ): Operation<I, { [K in L]: O[] } & { NextToken?: string }> =>
    reading({
      name,
      takes: [ids, ...takes, 'Filters', 'Filter', 'NextToken', 'MaxResults'] as (keyof I & string)[],
      read: (input, call) => {
        const { store, scope } = call
        const given = input[ids] as readonly string[] | undefined
        const asked = input.Filters ?? input.Filter
        const passes = readFilters(asked, filters(call))
        const isNarrow = narrow?.(input, call) ?? (() => true)
        const named = given?.length
          ? given.flatMap(id =>
              leavesOutMissing
                ? (store.get(kind.table, arnOf(kind, scope, id)) ?? [])
                : rowOf(store, scope, kind, id, ids),
            )
          : rowsInScope(store, scope, kind)
        const rows = named.filter(row => isNarrow(row) && passes(row))
        const key = `${name}|${scopeKey(scope)}|${JSON.stringify([given, asked])}`
        const { items, NextToken } = pageOf(key, input, rows, given)
        const answer = { [list]: items.map(row => item(row, call)) } as { [K in L]: O[] }
        return { ...answer, ...(NextToken && { NextToken }) }
      },
    })
