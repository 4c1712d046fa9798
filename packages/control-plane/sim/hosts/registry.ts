import type { World } from '../world.ts'

/** Where images come from: their tags come to stand for others. */
export class Registry {
  readonly #world: World
  readonly #digests = new Map<string, string>()

  constructor(world: World) {
    this.#world = world
  }

  /** What a pull of this image gets now. */
  resolve(image: string): string {
    const [tag = '', digest] = image.split('@')
    return digest ?? this.#digests.get(tag) ?? this.#push(tag)
  }

  /** Each tag stands for another image from now on. */
  pushAll(): void {
    for (const tag of [...this.#digests.keys()]) this.#push(tag)
  }

  #push(tag: string): string {
    const digest = `sha256:${this.#world.random.hex(32)}`
    this.#digests.set(tag, digest)
    return digest
  }
}
