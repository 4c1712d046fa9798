import type { AwsService, Identity, RequestContext } from '@berth/aws-api'
import type { Scope } from '@berth/model'
import type { Reconciler } from '../control-loop/plan.ts'
import type { HistoryTable, Millis, Table } from '../store/table.ts'
import type { Store } from '../store/view.ts'

/** What a handler knows of its request and of the server. Time and chance come from here alone. */
export interface Call {
  readonly scope: Scope
  readonly identity: Identity
  readonly request: RequestContext
  readonly now: Millis
  readonly store: Store
  /** Random bytes as lower-case hex. */
  readonly randomHex: (bytes: number) => string
}

/** What a call does to the disk, which decides whether it is let through when the disk is nearly full. */
export type Effect = 'reads' | 'writes' | 'frees'

/** One operation of an AWS service: its handler, and what the caller needs to be allowed. */
export interface Operation<I extends object = object, O = unknown> {
  /** As in the API: `RunTask`. */
  readonly name: string
  readonly effect: Effect
  /** Defaults to `service:Name`. */
  readonly action?: string
  /** The ARNs that the action is done to; `*` where ECS knows no resource. */
  readonly resources: (input: I, call: Call) => readonly string[]
  readonly handle: (input: I, call: Call) => O | Promise<O>
}

/** An AWS service: one folder under services/, registered in main.ts. */
export interface Service {
  /** The prefix of its IAM actions: `ecs`. */
  readonly name: string
  /** The published client package's module, whose schemas define the wire. */
  readonly client: AwsService['client']
  /** What operations without a handler are refused with; default: UnsupportedOperationException. */
  readonly unsupportedCode?: string
  /** Members that real callers send although the published model has no such member. */
  readonly extraMembers?: AwsService['extraMembers']
  /** Values that real callers send although the published model does not have them. */
  readonly extraEnumValues?: AwsService['extraEnumValues']
  /** Which numbers are no 32-bit integers; without it, any number is taken for any other. */
  readonly numberMembers?: AwsService['numberMembers']
  // biome-ignore lint/suspicious/noExplicitAny: each operation has an input of its own
  readonly operations: readonly Operation<any>[]
  // biome-ignore lint/suspicious/noExplicitAny: each table has a row of its own
  readonly tables: readonly Table<any, any, any>[]
  // biome-ignore lint/suspicious/noExplicitAny: each table has a record of its own
  readonly histories: readonly HistoryTable<any>[]
  readonly reconcilers: readonly Reconciler[]
}

/** Keeps the types of an operation's input and output at its definition. */
export const operation = <I extends object, O>(definition: Operation<I, O>): Operation<I, O> => definition
