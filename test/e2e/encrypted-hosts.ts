import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inNamespace, type VpcHost, VpcHosts } from './vpc-hosts.ts'

export const wireGuardPort = 51_820

const run = (...args: string[]): string => execFileSync(args[0] ?? '', args.slice(1), { encoding: 'utf8' })

/** Hosts that speak WireGuard with one another. */
export class EncryptedHosts extends VpcHosts {
  readonly #disks = mkdtempSync(join(tmpdir(), 'berth-wireguard-'))

  /** An agent's data directory, with nothing in it. */
  disk(): string {
    return mkdtempSync(join(this.#disks, 'host-'))
  }

  /** `endpoint`: empty, where the host is reached at its address. */
  async encrypted(
    machine: { readonly name: string; readonly address: string },
    { endpoint = '', dataDirectory = this.disk() } = {},
  ): Promise<VpcHost> {
    const host = this.hostOn(machine)
    await host.start({ port: wireGuardPort, endpoint, dataDirectory })
    return host
  }

  /** 192.168.7.2, behind the machine of that number, which gives what comes from there its own address. */
  machineBehindNat(number: number): { name: string; address: string } {
    const nat = this.machine(number)
    const [name, address] = [`${nat.name}-in`, '192.168.7.2']
    this.add(name)
    run(...`ip -n ${nat.name} link add inside type veth peer name eth0 netns ${name}`.split(' '))
    run(...`ip -n ${nat.name} address add 192.168.7.1/24 dev inside`.split(' '))
    run(...`ip -n ${nat.name} link set inside up`.split(' '))
    run(...`ip -n ${name} address add ${address}/24 dev eth0`.split(' '))
    run(...`ip -n ${name} link set eth0 up`.split(' '))
    run(...`ip -n ${name} route add default via 192.168.7.1`.split(' '))
    run(...`ip netns exec ${nat.name} iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE`.split(' '))
    run(...`ip netns exec ${name} sysctl -qw net.ipv4.ip_forward=1`.split(' '))
    return { name, address }
  }

  /** Of the packets between machines that go by the switch: what the rules of its chain count. */
  countOnSwitch(rules: readonly string[]): () => readonly number[] {
    const table = 'bridge counted'
    const script = [
      `table ${table} {`,
      'chain passing { type filter hook forward priority 0;',
      ...rules.map(rule => `${rule} counter`),
      '}',
      '}',
    ]
    const file = `${tmpdir()}/${this.switchName}.nft`
    writeFileSync(file, `${script.join('\n')}\n`)
    inNamespace(this.switchName, 'nft', '-f', file)
    rmSync(file)
    return () =>
      [
        ...inNamespace(this.switchName, 'nft', 'list', 'table', ...table.split(' ')).matchAll(
          /packets (\d+)/g,
        ),
      ].map(([, count]) => Number(count))
  }

  override async remove(): Promise<void> {
    await super.remove()
    rmSync(this.#disks, { recursive: true })
  }
}
