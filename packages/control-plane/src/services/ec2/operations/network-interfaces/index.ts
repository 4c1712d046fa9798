import { networkInterfaceOperations } from './interfaces.ts'
import { ipv6AddressOperations } from './ipv6-addresses.ts'

export const networkInterfaceFolder = [...networkInterfaceOperations, ...ipv6AddressOperations]
