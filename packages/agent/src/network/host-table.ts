/** A table of nftables in the host's own namespace, where others may undo it. */
import type { RunCommand } from '../metadata/index.ts'
import { type Ruleset, scriptOf } from './ruleset.ts'

export class HostTable {
  readonly #run: RunCommand
  /** Its family and name. */
  readonly name: string
  /** Undefined: the kernel may have something else. */
  #made: { readonly rules: Ruleset; readonly printed: string | undefined } | undefined

  constructor(run: RunCommand, name: string) {
    this.#run = run
    this.name = name
  }

  get isMade(): boolean {
    return this.#made !== undefined
  }

  /** Rejects with CommandError. `isVerified`: the kernel is asked what it has. */
  async reconcile(rules: Ruleset, isVerified: boolean): Promise<void> {
    if (isVerified && this.#made && (await this.#print()) !== this.#made.printed) this.#made = undefined
    const script = scriptOf(this.name, this.#made?.rules, rules)
    if (script === '') return
    this.#made = undefined
    await this.#run('nft', ['-f', '-'], script)
    this.#made = { rules, printed: await this.#print() }
  }

  /** Nothing happens when there is none. */
  async remove(): Promise<void> {
    this.#made = undefined
    await this.#run('nft', ['-f', '-'], `add table ${this.name}\ndelete table ${this.name}\n`)
  }

  #print(): Promise<string | undefined> {
    return this.#run('nft', ['list', 'table', ...this.name.split(' ')]).catch(() => undefined)
  }
}
