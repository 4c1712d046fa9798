/** The network by which hosts reach one another. */

export interface Underlay {
  /** Where this host takes packets of overlays. */
  readonly address: string
  readonly mtu: number
}

/** (IANA's port is 4789, which Docker's overlays take.) */
export const overlayPort = 4790

/** Of an overlay's headers: Ethernet, VXLAN, UDP, IPv4. */
const overlayBytes = 50

export const overlayMtu = ({ mtu }: Underlay): number => mtu - overlayBytes

/** IPv6 carries packets of this size everywhere, and the kernel has none on links that carry less. (RFC 8200) */
export const leastIpv6Mtu = 1280

export const carriesIpv6 = (underlay: Underlay): boolean => overlayMtu(underlay) >= leastIpv6Mtu
