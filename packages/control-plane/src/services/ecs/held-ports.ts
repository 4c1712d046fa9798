import type { View } from '../../store/view.ts'
import { holdsOf, type TaskRow, tasks } from './tables/index.ts'

/** Whether a task of the instance has the host port: `80/tcp`. */
export const isPortHeld = (view: View, containerInstanceArn: string, port: string): boolean =>
  view.total(tasks, 'usageByInstance', containerInstanceArn)?.ports.has(port) === true

export interface PortsNews {
  readonly containerInstanceArn: string
  readonly ports: readonly string[]
}

/** The host ports that a change of a task takes or gives back; undefined, as nearly always: none. */
export const portsNewsOf = (
  before: TaskRow | undefined,
  after: TaskRow | undefined,
): PortsNews | undefined => {
  const { reserved: { ports = [] } = {} } = after ?? before ?? {}
  if (ports.length === 0) return undefined
  const [earlier, later] = [before && holdsOf(before), after && holdsOf(after)]
  const containerInstanceArn = later ?? earlier
  return earlier === later || containerInstanceArn === undefined ? undefined : { containerInstanceArn, ports }
}
