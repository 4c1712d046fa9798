/** Which requests come from this machine's own programs: what needs no valid signature is for nobody else. */
import type { IncomingMessage } from 'node:http'

/** An IPv4 loopback address, as itself or mapped into IPv6, or IPv6's own. */
export const isLoopbackAddress = (address: string): boolean =>
  /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address)

/** `localhost`, a name under it, or a loopback address; with or without a port. */
const isLoopbackAuthority = (authority: string): boolean => {
  const name = authority.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  return /^([^.]+\.)*localhost$/i.test(name) || isLoopbackAddress(name)
}

/** A browser asks for a page of another site; programs name no origin. */
const isForeignPage = ({ headers: { origin } }: IncomingMessage): boolean =>
  origin !== undefined && !isLoopbackAuthority(origin.replace(/^https?:\/\//i, ''))

/**
 * True for this machine's programs. A browser's requests come from this machine, too, but a page that leads it here
 * betrays itself: by its origin, or by the name in Host that it had bound to a loopback address.
 */
export const isFromHere = (request: IncomingMessage): boolean =>
  isLoopbackAddress(request.socket.remoteAddress ?? '') &&
  isLoopbackAuthority(request.headers.host ?? '') &&
  !isForeignPage(request)
