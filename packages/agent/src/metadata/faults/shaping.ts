/** Late and lost packets: the kernel's netem on the container's own interface, for what goes to the named peers. */
import { isIP } from 'node:net'
import { CommandError } from '../command.ts'
import { linkLocalAddress } from '../link-local-address.ts'
import type { Shaping } from './fault-request.ts'
import type { RunInNamespace } from './namespace.ts'

/** On Docker's bridge a container has this one. */
const device = 'eth0'

/** Of three bands all traffic takes the third, but for what the filters send to the first, where netem is. Pure. */
export const shapingCommands = ({ netem, sources, sourcesToFilter }: Shaping): string => {
  const filter = (priority: number, source: string, band: number): string => {
    const family = isIP(source.split('/')[0] ?? '') === 6 ? 'ip6' : 'ip'
    return `filter add dev ${device} protocol all parent 1:0 prio ${priority} u32 match ${family} dst ${source} flowid 1:${band}`
  }
  return [
    `qdisc add dev ${device} root handle 1: prio priomap${' 2'.repeat(16)}`,
    `qdisc add dev ${device} parent 1:1 handle 10: netem ${netem}`,
    ...[...sourcesToFilter, linkLocalAddress].map(source => filter(1, source, 3)),
    ...sources.map(source => filter(2, source, 1)),
    '',
  ].join('\n')
}

/** Which of the two runs, as `tc -j qdisc show` tells it. Pure. */
export const runningShaping = (qdiscs: string): Shaping['kind'] | undefined => {
  const parsed = JSON.parse(qdiscs || '[]') as readonly { kind?: string; options?: object }[]
  const options = parsed.find(({ kind }) => kind === 'netem')?.options
  if (options === undefined) return undefined
  return Object.keys(options).some(name => name.startsWith('loss'))
    ? 'network-packet-loss'
    : 'network-latency'
}

/** The kernel of this host cannot do it. */
export class NoNetem extends Error {
  constructor(reason: string) {
    super(
      `the kernel of this host has no network emulation (netem and prio of its modules sch_netem and sch_prio): ${reason}`,
    )
  }
}

const isUnknown = (error: unknown): error is CommandError =>
  error instanceof CommandError && /unknown|not found|No such file/i.test(error.message)

/** Throws NoNetem, or CommandError; nothing of a fault that could not be made whole stays. */
export const startShaping = async (run: RunInNamespace, fault: Shaping): Promise<void> => {
  try {
    await run('tc', ['-batch', '-'], shapingCommands(fault))
  } catch (error) {
    await run('tc', ['qdisc', 'delete', 'dev', device, 'root']).catch(() => {})
    throw isUnknown(error) ? new NoNetem(error.message) : error
  }
}

export const whichShaping = async (run: RunInNamespace): Promise<Shaping['kind'] | undefined> =>
  runningShaping(await run('tc', ['-j', 'qdisc', 'show', 'dev', device]))

export const stopShaping = async (run: RunInNamespace): Promise<void> => {
  await run('tc', ['qdisc', 'delete', 'dev', device, 'root'])
}
