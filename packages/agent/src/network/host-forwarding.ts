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

/** A host without iptables has no policy of Docker's either. */
const hasIptables = (run: RunCommand): Promise<boolean> =>
  run('iptables', ['--version']).then(
    () => true,
    () => false,
  )

/** Idempotent. */
export const ensureForwarding = async (run: RunCommand): Promise<void> => {
  if (!(await hasIptables(run))) return
  for (const rule of rules)
    await run('iptables', ['-w', '-C', 'FORWARD', ...rule]).catch(() =>
      run('iptables', ['-w', '-I', 'FORWARD', ...rule]),
    )
}

/** Unless another agent of this host still needs it. */
export const removeForwarding = async (run: RunCommand): Promise<void> => {
  const links = await run('ip', ['-brief', 'link', 'show', 'type', 'veth'])
  if (links.split('\n').some(line => line.startsWith(hostLinkPrefix))) return
  for (const rule of rules) await run('iptables', ['-w', '-D', 'FORWARD', ...rule]).catch(() => '')
}
