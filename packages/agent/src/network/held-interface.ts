/** An interface that something on this host has, from before its first packet until after its last. */
import type { InterfaceFact, SubnetFact, VpcFact } from '@berth/model'

/**
 * Kept on disk, with what its network is made from: a task that the control plane has forgotten, such as one of another
 * incarnation, keeps its address as long as it runs.
 */
export interface HeldInterface {
  readonly fact: InterfaceFact
  readonly subnet: SubnetFact
  readonly vpc: VpcFact
  /** By which the host knows it: no other interface of the host has it, whatever VPC it is in. */
  readonly linkAddress: string
}

export interface HeldInterfaceStore {
  heldInterfaces(): readonly HeldInterface[]
  holdInterface(held: HeldInterface): void
  releaseInterface(interfaceId: string): void
}
