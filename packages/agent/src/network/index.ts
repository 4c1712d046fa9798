export type { HeldInterface, HeldInterfaceStore } from './held-interface.ts'
export { interfaceNamespace, namespacePath, tagOf } from './names.ts'
export { InterfaceUnknown, startVpcNetworks, type VpcNetworks } from './vpc-networks.ts'
