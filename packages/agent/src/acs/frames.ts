/** The text frames of the agent communication service. */
import type {
  AcsFrame,
  BerthExecMessage,
  BerthFacts,
  BerthPrePull,
  BerthSessionMessage,
  BerthStateChangesAck,
  BerthStorageOrders,
  HeartbeatMessage,
  IamRoleCredentialsMessage,
  PayloadMessage,
  TaskManifestMessage,
  TaskStopVerificationAck,
} from '@berth/model'

/** What the control plane sends, by type. */
interface Incoming {
  HeartbeatMessage: HeartbeatMessage
  PayloadMessage: PayloadMessage
  TaskManifestMessage: TaskManifestMessage
  TaskStopVerificationAck: TaskStopVerificationAck
  IAMRoleCredentialsMessage: IamRoleCredentialsMessage
  BerthSessionMessage: BerthSessionMessage
  BerthStateChangesAck: BerthStateChangesAck
  BerthPrePull: BerthPrePull
  BerthStorageOrders: BerthStorageOrders
  BerthExecMessage: BerthExecMessage
  BerthFacts: BerthFacts
}

export type IncomingHandlers = { readonly [Type in keyof Incoming]: (message: Incoming[Type]) => void }

/** Undefined for what is no frame at all. */
export const parseFrame = (text: string): AcsFrame | undefined => {
  try {
    const frame: unknown = JSON.parse(text)
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return undefined
    if (typeof frame.type !== 'string') return undefined
    return { type: frame.type, message: 'message' in frame ? frame.message : {} }
  } catch {
    return undefined
  }
}

export const formatFrame = (type: string, message: object): string => JSON.stringify({ type, message })

/** False for a type that this agent does not know: it does not count as a sign of life. */
export const handleFrame = (frame: AcsFrame, handlers: IncomingHandlers): boolean => {
  if (!Object.hasOwn(handlers, frame.type)) return false
  // The control plane is trusted to send what the type says; a handler that finds otherwise throws.
  const handler = handlers[frame.type as keyof Incoming] as (message: unknown) => void
  handler(frame.message)
  return true
}
