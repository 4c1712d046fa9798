/**
 * Labelled containers of tasks that this agent does not know. Those of its own container instance and the present
 * incarnation are removed when two manifests, a minute or more apart, do not name their task; all others run on.
 */
import type { ContainerSummary, Engine, EngineEvent } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import { label } from './container-spec/index.ts'

export interface Identity {
  readonly incarnation: string
  readonly containerInstanceArn: string
}

export class Orphans {
  readonly #engine: Engine
  readonly #log: Log
  readonly #identity: () => Identity
  readonly #leastMsBetweenManifests: number
  #containers = new Map<string, ContainerSummary>()
  /** When a manifest first did not name the task. */
  readonly #unnamedSince = new Map<string, number>()

  constructor(engine: Engine, log: Log, leastMsBetweenManifests: number, identity: () => Identity) {
    this.#leastMsBetweenManifests = leastMsBetweenManifests
    this.#identity = identity
    this.#engine = engine
    this.#log = log
  }

  note(containers: readonly ContainerSummary[]): void {
    this.#containers = new Map(containers.map(container => [container.id, container]))
  }

  onEvent(event: EngineEvent): void {
    if (event.type === 'removed') this.#containers.delete(event.container.id)
  }

  /** True when there were containers of this task, which are no orphans from now on. */
  take(taskArn: string): boolean {
    const mine = [...this.#containers.values()].filter(container => taskOf(container) === taskArn)
    for (const container of mine) this.#containers.delete(container.id)
    this.#unnamedSince.delete(taskArn)
    return mine.length > 0
  }

  /** Another incarnation: what its predecessor's manifests left out means nothing. */
  reset(): void {
    this.#unnamedSince.clear()
  }

  /** What runs here and is not this agent's to remove. */
  foreign(): readonly { readonly taskArn: string; readonly incarnation: string }[] {
    return [...this.#containers.values()]
      .filter(container => container.status === 'running' && !this.#isOurs(container))
      .map(container => ({ taskArn: taskOf(container), incarnation: incarnationOf(container) }))
  }

  async applyManifest(named: ReadonlySet<string>, now: number): Promise<void> {
    const ours = [...this.#containers.values()].filter(container => this.#isOurs(container))
    const unnamed = ours.filter(container => !named.has(taskOf(container)))
    for (const arn of named) this.#unnamedSince.delete(arn)
    const due = unnamed.filter(container => {
      const since = this.#unnamedSince.get(taskOf(container))
      return since !== undefined && now - since >= this.#leastMsBetweenManifests
    })
    for (const container of unnamed)
      if (!this.#unnamedSince.has(taskOf(container))) this.#unnamedSince.set(taskOf(container), now)
    // Its payload may come while others are removed.
    for (const container of due) if (this.#containers.has(container.id)) await this.#remove(container)
  }

  #isOurs(container: ContainerSummary): boolean {
    const { incarnation, containerInstanceArn } = this.#identity()
    return (
      incarnationOf(container) === incarnation &&
      container.labels[label.containerInstance] === containerInstanceArn
    )
  }

  async #remove(container: ContainerSummary): Promise<void> {
    this.#log.warn(
      { container: container.name, task: taskOf(container) },
      'removing a container that nobody knows',
    )
    await this.#engine.remove(container.id)
    this.#containers.delete(container.id)
    if (![...this.#containers.values()].some(other => taskOf(other) === taskOf(container)))
      this.#unnamedSince.delete(taskOf(container))
  }
}

const taskOf = (container: ContainerSummary): string => container.labels[label.taskArn] ?? ''
const incarnationOf = (container: ContainerSummary): string => container.labels[label.incarnation] ?? ''
