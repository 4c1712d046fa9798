/** What lets the host forward what goes between uplinks and the outside, where Docker's policy would drop it. */
import type { RunCommand } from '../metadata/index.ts'
import { hostLinkPrefix } from './names.ts'

/** Docker's chain is asked before any of ours could accept for good. */
const rules = [
  ['-i', `${hostLinkPrefix}+`, '-j', 'ACCEPT'],
  [
    ...['-o', `${hostLinkPrefix}+`, '-m', 'conntrack'],
    ...['--ctstate', 'RELATED,ESTABLISHED,DNAT', '-j', 'ACCEPT'],
  ],
]

/** For IPv4, or for IPv6. */
export type FilterProgram = 'iptables' | 'ip6tables'

/** A host without the program has no policy of Docker's either. */
const has = (run: RunCommand, program: FilterProgram): Promise<boolean> =>
  run(program, ['--version']).then(
    () => true,
    () => false,
  )

/** Idempotent. */
export const ensureForwarding = async (run: RunCommand, program: FilterProgram): Promise<void> => {
  if (!(await has(run, program))) return
  for (const rule of rules)
    await run(program, ['-w', '-C', 'FORWARD', ...rule]).catch(() =>
      run(program, ['-w', '-I', 'FORWARD', ...rule]),
    )
}

/** False when an uplink is still there: another agent's, or one that is just going. */
export const removeForwarding = async (run: RunCommand, program: FilterProgram): Promise<boolean> => {
  const links = await run('ip', ['-brief', 'link', 'show', 'type', 'veth'])
  if (links.split('\n').some(line => line.startsWith(hostLinkPrefix))) return false
  for (const rule of rules) await run(program, ['-w', '-D', 'FORWARD', ...rule]).catch(() => '')
  return true
}
