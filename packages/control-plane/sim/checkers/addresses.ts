import type { Attachment, Task } from '@aws-sdk/client-ecs'
import type { SimHost } from '../hosts/host.ts'
import type { Checker, Observation } from './checker.ts'

/** No address is held by two tasks, of those that are not STOPPED and of those that run; and none by nobody in the end. */
export const addresses = (hosts: readonly SimHost[]): Checker => ({
  name: 'addresses',
  judge: observation => {
    const holders = new Map<string, string>()
    for (const [address, taskArn] of held(observation, hosts)) {
      const other = holders.get(address) ?? taskArn
      if (other !== taskArn) return `${address} is held by ${other} and by ${taskArn}`
      holders.set(address, taskArn)
    }
    return undefined
  },
  missing: ({ tasks, interfaces }) => {
    const owed = [...tasks.values()].filter(
      task => interfaceOf(task) !== undefined && interfaceOf(task)?.status !== 'DELETED',
    )
    return interfaces === owed.length
      ? undefined
      : `there are ${interfaces} network interfaces, and ${owed.length} tasks have one`
  },
})

const interfaceOf = ({ attachments = [] }: Task): Attachment | undefined =>
  attachments.find(({ type }) => type === 'ElasticNetworkInterface')

/** Addresses with their tasks; also of what runs on an instance that was deregistered by force. */
function* held(
  { tasks }: Observation,
  hosts: readonly SimHost[],
): Iterable<readonly [address: string, taskArn: string]> {
  for (const [arn, task] of tasks) {
    const { privateIpv4Address, ipv6Address } = task.containers?.[0]?.networkInterfaces?.[0] ?? {}
    for (const address of [privateIpv4Address, ipv6Address])
      if (address !== undefined && task.lastStatus !== 'STOPPED') yield [address, arn]
  }
  for (const { engine } of hosts)
    for (const { address, ipv6Address, taskArn } of engine.running())
      for (const one of [address, ipv6Address]) if (one !== undefined) yield [one, taskArn]
}
