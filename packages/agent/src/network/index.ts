export type { HeldInterface, HeldInterfaceStore } from './held-interface.ts'
export { InterfaceUnknown, startVpcNetworks, type VpcNetworks } from './vpc-networks.ts'
