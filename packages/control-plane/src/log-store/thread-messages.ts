import type { LogStore } from './log-store.ts'
import type { EncodedBatch, SegmentLogStoreOptions } from './segment-log-store.ts'

/** What the store's thread is started with. */
export type ThreadOptions = Omit<SegmentLogStoreOptions, 'report'>

/** The methods that go to the thread as they are. */
export type RemoteMethod =
  | 'read'
  | 'figures'
  | 'groupBytes'
  | 'deleteStream'
  | 'deleteGroup'
  | 'sweep'
  | 'bytesUsed'
  | 'close'

export type ToThread =
  | { readonly kind: 'append'; readonly call: number; readonly batch: EncodedBatch }
  | {
      readonly kind: 'call'
      readonly call: number
      readonly method: RemoteMethod
      readonly args: readonly unknown[]
    }

export type FromThread =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'result'; readonly call: number; readonly result: unknown }
  | {
      readonly kind: 'error'
      readonly call: number
      readonly message: string
      readonly retryable: boolean
      readonly cause: string
    }

export type RemoteResult<M extends RemoteMethod> = Awaited<ReturnType<LogStore[M]>>
