/** All chance of a run, drawn from one seed: the sfc32 generator. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = (seed * 0x9e3779b9) | 0
    this.#c = 0x6a09e667
    for (let round = 0; round < 15; round++) this.#next32()
  }

  #next32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }

  /** From 0 up to, and without, 1. */
  fraction(): number {
    return this.#next32() / 2 ** 32
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.integer(0, list.length - 1)]
    if (item === undefined) throw new RangeError('Nothing to pick from')
    return item
  }

  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string {
    let text = ''
    while (text.length < bytes * 2) text += this.#next32().toString(16).padStart(8, '0')
    return text.slice(0, bytes * 2)
  }
}
