/** The interface of a task of the network mode awsvpc: there before its first container is, and until its last has ended. */
import type { AttachmentStateChange, PayloadTask } from '@berth/model'
import { isEngineError } from '../../engine/engine.ts'
import type { VpcNetworks } from '../../network/index.ts'
import { TaskResourceError } from '../resources/task-resource.ts'

export interface TaskNetwork {
  /** Idempotent. Rejects with TaskResourceError, or with an EngineError `unreachable`. */
  attach(payload: PayloadTask): Promise<void>
  /** Nothing happens when it is not attached. */
  detach(payload: PayloadTask): Promise<void>
}

export interface TaskNetworkParts {
  /** Undefined on a host that cannot have them. */
  readonly networks: VpcNetworks | undefined
  readonly reportAttachment: (taskArn: string, change: AttachmentStateChange) => void
}

const longestReason = 1024

/** As the official agent names what goes wrong with a task's interface. */
const cannotAttach = (reason: string): TaskResourceError =>
  new TaskResourceError(
    `ResourceInitializationError: unable to set up the task's network interface: ${reason}`,
  )

export const createTaskNetwork = ({ networks, reportAttachment }: TaskNetworkParts): TaskNetwork => ({
  attach: async ({ arn, elasticNetworkInterfaces: [one] = [] }) => {
    if (!networks) throw cannotAttach('this container instance has no networks of VPCs')
    if (!one) throw cannotAttach('the task came without one')
    const { attachmentArn } = one
    reportAttachment(arn, { attachmentArn, status: 'ATTACHING' })
    try {
      await networks.attach(one.ec2Id)
      reportAttachment(arn, { attachmentArn, status: 'ATTACHED' })
    } catch (error) {
      if (isEngineError(error, 'unreachable')) throw error
      const reason = error instanceof Error ? error.message : String(error)
      reportAttachment(arn, { attachmentArn, status: 'FAILED', reason: reason.slice(0, longestReason) })
      throw cannotAttach(reason)
    }
  },
  detach: async ({ arn, elasticNetworkInterfaces: [one] = [] }) => {
    if (!one) return
    await networks?.detach(one.ec2Id)
    reportAttachment(arn, { attachmentArn: one.attachmentArn, status: 'DETACHED' })
  },
})
