/** Keeps the kernel's rules for listeners of UDP as the facts and the targets' health want them. */
import type { RunCommand } from '../metadata/index.ts'
import type { IngressView } from './configuration/view.ts'
import { type DatagramTargets, datagramRules } from './datagram-rules.ts'

const lookAgainMs = 10_000

export class Datagrams {
  readonly #run: RunCommand
  readonly #table: string
  #applied: string | undefined
  /** An earlier life of the agent may have left the table. */
  #isMaybeThere = true
  #lookAt = 0

  /** `table` is the agent's own: another one on the same host has another. */
  constructor(run: RunCommand, table: string) {
    this.#run = run
    this.#table = table
  }

  /** Whether this life of the agent has made the rules. */
  get areThere(): boolean {
    return this.#applied !== undefined
  }

  async ensure(view: IngressView, targets: DatagramTargets, now: number): Promise<void> {
    const wanted = datagramRules(this.#table, view, targets)
    if (wanted === undefined) return this.remove()
    if (wanted === this.#applied && now < this.#lookAt) return
    // A firewall that was loaded anew may have dropped the table.
    if (wanted !== this.#applied || !(await this.#isThere())) await this.#run('nft', ['-f', '-'], wanted)
    this.#applied = wanted
    this.#isMaybeThere = true
    this.#lookAt = now + lookAgainMs
  }

  async remove(): Promise<void> {
    if (!this.#isMaybeThere) return
    if (await this.#isThere())
      await this.#run('nft', ['-f', '-'], `add table ip ${this.#table}\ndelete table ip ${this.#table}\n`)
    this.#applied = undefined
    this.#isMaybeThere = false
  }

  #isThere(): Promise<boolean> {
    return this.#run('nft', ['list', 'table', 'ip', this.#table]).then(
      () => true,
      () => false,
    )
  }
}
