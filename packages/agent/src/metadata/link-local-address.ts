/**
 * The address that every container reaches its endpoints under, on the host's loopback interface: containers on a bridge get
 * there by their default route, those in the host's network at once. The agent listens on a port of its own, so that
 * containers may still publish port 80, and one rule of a table of Berth's own leads port 80 of the address there.
 * Only the agent that has the official agent's port has the rule; another one on the same host says its port in its URLs.
 */
import type { LoopbackPortRule } from '../loopback-port-rule.ts'

export const linkLocalAddress = '169.254.170.2'
/** The port of the official agent, which ECS keeps free on every container instance. */
export const standardPort = 51_679

/** So that containers may still publish port 80. */
export const standardRule: LoopbackPortRule = {
  table: 'berth-task-endpoints',
  address: linkLocalAddress,
  protocols: ['tcp'],
  from: 80,
  to: standardPort,
}
