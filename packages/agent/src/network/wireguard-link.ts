/** The link by which this host speaks WireGuard with others: the kernel's where it has one, else wireguard-go's. */
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import type { WireGuardKeys } from './wireguard-keys.ts'
import {
  isAsConfigured,
  type WireGuardInterface,
  type WireGuardPeer,
  wireGuardAddress,
  wireGuardConfiguration,
  withPrefixLength,
} from './wireguard-peers.ts'

export interface WireGuardLinkOptions {
  readonly run: RunCommand
  readonly log: Log
  readonly name: string
  readonly keys: WireGuardKeys
  readonly mtu: number
  readonly port: number
  /** Where other hosts reach the port; undefined: nowhere, this one is behind a NAT. */
  readonly endpoint: string | undefined
}

interface AddressRow {
  readonly mtu?: number
  readonly flags?: readonly string[]
  readonly addr_info?: readonly { readonly local?: string }[]
}

export class WireGuardLink {
  readonly name: string
  readonly address: string
  readonly #options: WireGuardLinkOptions
  readonly #own: WireGuardInterface
  /** Undefined: the kernel may have something else. */
  #made: readonly WireGuardPeer[] | undefined

  constructor(options: WireGuardLinkOptions) {
    const { name, keys, port, endpoint } = options
    this.name = name
    this.address = wireGuardAddress(keys.publicKey)
    this.#options = options
    this.#own = { privateKey: keys.privateKey, port, isBehindNat: endpoint === undefined }
  }

  /** What other hosts are told. */
  get told(): WireGuardPeer {
    const { keys, endpoint } = this.#options
    return { publicKey: keys.publicKey, ...(endpoint !== undefined && { endpoint }) }
  }

  /** Rejects when this host cannot speak WireGuard, saying why. Whom it speaks with goes on. */
  open(): Promise<void> {
    return this.#ensureLink()
  }

  /** Rejects when this host cannot. `isVerified`: what others may have undone is looked at as well. */
  async reconcile(peers: readonly WireGuardPeer[], isVerified: boolean): Promise<void> {
    const { log } = this.#options
    const made = this.#made
    this.#made = undefined
    const isAsMade = made !== undefined && (!isVerified || (await this.#isAs(made)))
    if (made !== undefined && !isAsMade)
      log.warn({ link: this.name }, 'the WireGuard of this host was changed from outside; mending it')
    if (!isAsMade) await this.#ensureLink()
    if (!isAsMade || !isSame(made, peers)) await this.#configure(peers)
    this.#made = peers
  }

  async #isAs(peers: readonly WireGuardPeer[]): Promise<boolean> {
    const { run, mtu } = this.#options
    try {
      const dump = await run('wg', ['show', this.name, 'dump'])
      const [row] = JSON.parse(
        await run('ip', ['-json', '-6', 'address', 'show', 'dev', this.name]),
      ) as AddressRow[]
      return (
        isAsConfigured(dump, this.#own, peers) &&
        row?.mtu === mtu &&
        row.flags?.includes('UP') === true &&
        row.addr_info?.some(({ local }) => local === this.address) === true
      )
    } catch {
      // There is no such link, or nobody answers for it.
      return false
    }
  }

  /** wg opens its input by name, which it cannot of a socket: `cat` makes it a pipe. */
  async #configure(peers: readonly WireGuardPeer[]): Promise<void> {
    const script = `cat | wg syncconf ${this.name} /dev/stdin`
    await this.#options.run('sh', ['-ec', script], wireGuardConfiguration(this.#own, peers))
  }

  async #ensureLink(): Promise<void> {
    const { run, mtu } = this.#options
    const answers = await run('wg', ['show', this.name, 'public-key']).then(
      () => true,
      () => false,
    )
    if (!answers) await this.#create()
    await run('sh', ['-ec', `echo 0 > /proc/sys/net/ipv6/conf/${this.name}/disable_ipv6`])
    const lines = [
      `link set ${this.name} addrgenmode none`,
      `link set ${this.name} mtu ${mtu} up`,
      `address replace ${withPrefixLength(this.address)} dev ${this.name} nodad`,
    ]
    await run('ip', ['-batch', '-'], `${lines.join('\n')}\n`)
  }

  async #create(): Promise<void> {
    const { run } = this.#options
    await run('wg', ['--version'])
    await run('ip', ['link', 'del', this.name]).catch(() => '')
    try {
      await run('ip', ['link', 'add', this.name, 'type', 'wireguard'])
    } catch (fromKernel) {
      // What a wireguard-go that was killed has left, a new one takes for another one's.
      await run('rm', ['-f', `/var/run/wireguard/${this.name}.sock`])
      // In a session of its own: it outlives the agent, as the networks do.
      await run('setsid', ['wireguard-go', this.name]).catch(fromProgram => {
        throw new Error(
          `the kernel has no WireGuard (${fromKernel}), and wireguard-go does not run (${fromProgram})`,
        )
      })
    }
  }
}

const isSame = (left: readonly WireGuardPeer[] | undefined, right: readonly WireGuardPeer[]): boolean =>
  left?.length === right.length &&
  left.every((peer, index) => {
    const other = right[index]
    return peer.publicKey === other?.publicKey && peer.endpoint === other.endpoint
  })
