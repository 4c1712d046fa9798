import { notSupported } from './errors.ts'

/** The addresses of load balancers are IPv4 ones. */
export const checkIpAddressType = (type: string): void => {
  if (type !== 'ipv4') throw notSupported(`The IP address type '${type}'`)
}
