import type { Command, Invocation } from '../command.ts'
import { UsageError } from '../failures.ts'
import { type Flags, text, texts } from '../flags.ts'
import { type HostListing, listHosts } from '../hosts/host-listing.ts'
import type { HostAttribute, HostRecord } from '../hosts/host-records.ts'
import { LocalHosts, namesOf } from '../hosts/local-hosts.ts'
import { shortName } from '../listing/words.ts'
import type { Output } from '../output.ts'

type Selected = readonly string[] | 'all'

/** A letter alone is a zone of the region. */
export const zonesOf = (flags: Flags, region: string): string[] =>
  texts(flags, 'zone').map(zone => {
    if (!/^[\w-]{1,64}$/.test(zone)) throw new UsageError(`A zone must look like us-east-1a, not ${zone}.`)
    return /^[a-z]$/.test(zone) ? `${region}${zone}` : zone
  })

export const attributesOf = (flags: Flags): HostAttribute[] =>
  texts(flags, 'attribute').map(pair => {
    const [, name, value] = /^([\w./-]{1,128})=([\w./:@\\ -]{1,128})$/.exec(pair) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError(`An attribute must look like name=value, not ${pair}.`)
    return { name, value }
  })

const countOf = (word: string | undefined): number => {
  const count = Number(word)
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError('Say how many hosts: berth hosts add 3 --local')
  return count
}

const selectedBy = ({ flags, positionals }: Invocation): Selected => {
  const names = positionals.slice(1)
  if (flags['all'] === true && names.length === 0) return 'all'
  if (flags['all'] === true || names.length === 0) throw new UsageError('Name hosts, or say --all.')
  return names
}

const stateColours = { on: 'green', partitioned: 'yellow', off: 'dim' } as const

const row = (host: HostListing, output: Output): string[] => [
  host.name,
  output.colour(stateColours[host.state], host.state),
  host.zone,
  host.address,
  shortName(host.containerInstanceArn),
  host.agentConnected === undefined ? '-' : host.agentConnected ? 'connected' : 'disconnected',
  String(host.runningTasksCount ?? '-'),
  Object.entries(host.attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
]

const show = async ({ configuration, output }: Invocation, hosts: readonly HostRecord[]): Promise<void> => {
  const listings = await listHosts(configuration, hosts)
  output.show(listings, () =>
    output.table(
      ['HOST', 'STATE', 'ZONE', 'ADDRESS', 'INSTANCE', 'AGENT', 'TASKS', 'ATTRIBUTES'],
      listings.map(host => row(host, output)),
    ),
  )
}

type Action = (invocation: Invocation, hosts: LocalHosts) => Promise<void>

/** One that changes hosts of these names, and tells so. */
const changing =
  (change: (hosts: LocalHosts, names: Selected) => Promise<HostRecord[]>, told: string): Action =>
  async (invocation, hosts) => {
    const changed = await change(hosts, selectedBy(invocation))
    invocation.output.show(
      changed.map(({ name }) => name),
      () =>
        invocation.output.line(
          changed.length === 0 ? 'There are no local hosts.' : `${told}: ${namesOf(changed)}`,
        ),
    )
  }

const add: Action = async (invocation, hosts) => {
  const { flags, positionals, configuration } = invocation
  if (positionals.length > 2) throw new UsageError('Wrong number of arguments.')
  const count = countOf(positionals[1])
  if (flags['local'] !== true)
    throw new UsageError(
      'Hosts are added on this machine with --local; another machine joins by running `berth agent` there.',
    )
  await show(
    invocation,
    await hosts.add({
      count,
      cluster: text(flags, 'cluster') ?? 'default',
      zones: zonesOf(flags, configuration.region),
      attributes: attributesOf(flags),
      images: texts(flags, 'image'),
    }),
  )
}

const load: Action = async (invocation, hosts) => {
  const { flags, positionals, output } = invocation
  const images = positionals.slice(1)
  if (images.length === 0) throw new UsageError('Name an image of this machine: berth hosts load IMAGE')
  const names = texts(flags, 'host')
  const loaded = await hosts.load(images, names.length === 0 ? 'all' : names)
  output.show({ images, hosts: loaded.map(({ name }) => name) }, () =>
    output.line(`Loaded ${images.join(', ')} into ${loaded.length === 0 ? 'no host' : namesOf(loaded)}.`),
  )
}

const actions: Readonly<Record<string, { readonly run: Action; readonly flags: readonly string[] }>> = {
  add: { run: add, flags: ['local', 'zone', 'attribute', 'image', 'cluster'] },
  list: { run: (invocation, hosts) => show(invocation, hosts.select('all')), flags: [] },
  load: { run: load, flags: ['host'] },
  kill: { run: changing((hosts, names) => hosts.kill(names), 'Power is off'), flags: ['all'] },
  restart: { run: changing((hosts, names) => hosts.restart(names), 'Power is on'), flags: ['all'] },
  partition: { run: changing((hosts, names) => hosts.partition(names), 'Cut off'), flags: ['all'] },
  heal: { run: changing((hosts, names) => hosts.heal(names), 'Reachable again'), flags: ['all'] },
  remove: { run: changing((hosts, names) => hosts.remove(names), 'Removed'), flags: ['all'] },
}

const options = {
  local: { type: 'boolean' },
  all: { type: 'boolean' },
  zone: { type: 'string', multiple: true },
  attribute: { type: 'string', multiple: true },
  image: { type: 'string', multiple: true },
  host: { type: 'string', multiple: true },
  cluster: { type: 'string' },
} as const

const run = async (invocation: Invocation): Promise<number> => {
  const { flags, positionals, configuration, output } = invocation
  const [name = ''] = positionals
  const action = actions[name]
  if (action === undefined)
    throw new UsageError(`There is no \`berth hosts ${name}\`; there are ${Object.keys(actions).join(', ')}.`)
  const stray = Object.keys(options).find(flag => flags[flag] !== undefined && !action.flags.includes(flag))
  if (stray !== undefined) throw new UsageError(`\`berth hosts ${name}\` takes no --${stray}.`)
  if (name === 'list' && positionals.length > 1) throw new UsageError('Wrong number of arguments.')
  await action.run(invocation, new LocalHosts(configuration, line => output.note(`· ${line}`)))
  return 0
}

export const hosts: Command = {
  name: 'hosts',
  summary: 'Make more hosts on this machine, and switch them off, cut them off and remove them as one likes',
  usage: [
    'add N --local [--zone Z]… [--attribute NAME=VALUE]… [--image IMAGE]… [--cluster default]',
    'list',
    'load IMAGE… [--host NAME]…',
    'kill | restart | partition | heal | remove (NAME… | --all)',
  ].join('\n       berth hosts '),
  options,
  positionals: [1, 1_000],
  run,
}
