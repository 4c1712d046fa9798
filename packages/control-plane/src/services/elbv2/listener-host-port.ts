import type { ListenerRow } from './tables/index.ts'

/**
 * The port that a listener takes of the host that carries it: `80/tcp`. Tasks publish theirs on every address of a host, and
 * so does whatever listens on one of them. Datagrams are led to their targets before they reach a port.
 */
export const hostPortOfListener = ({
  port,
  protocol,
}: Pick<ListenerRow, 'port' | 'protocol'>): string | undefined =>
  protocol === 'UDP' ? undefined : `${port}/tcp`
