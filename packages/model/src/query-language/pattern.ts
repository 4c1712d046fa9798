/**
 * Regular expressions for =~ in time linear in the text, whatever the caller writes: a backtracking engine could be
 * made to hang the whole control plane. The syntax is Java's without look-around, back references and flags.
 */

/** One character, by what it accepts. */
type Accepts = (character: string) => boolean

/** A state of the automaton: it takes a character, or splits without taking one; `undefined` next is the end. */
interface State {
  readonly accepts?: Accepts
  next: number[]
}

export interface Pattern {
  readonly source: string
  /** True when the pattern matches the whole text, as Java's `matches` does. */
  readonly matches: (text: string) => boolean
}

type Node =
  | { readonly kind: 'character'; readonly accepts: Accepts }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly least: number; readonly most: number }

/** A pattern whose automaton would be larger is refused. */
const largestAutomaton = 5_000

export class PatternError extends Error {}

/** Throws PatternError for what is not understood. */
export const compilePattern = (source: string): Pattern => {
  const parser = new PatternParser(source)
  const states: State[] = []
  const start = build(parser.parse(), states, addState(states, { next: [] }))
  return { source, matches: text => run(states, start, text) }
}

const addState = (states: State[], state: State): number => {
  if (states.length >= largestAutomaton) throw new PatternError('The pattern is too large')
  return states.push(state) - 1
}

/** Builds backwards: the states of `node`, whose end is the state `end`. Returns the state to start from. */
const build = (node: Node, states: State[], end: number): number => {
  switch (node.kind) {
    case 'character':
      return addState(states, { accepts: node.accepts, next: [end] })
    case 'sequence':
      return node.nodes.reduceRight((next, part) => build(part, states, next), end)
    case 'choice':
      return addState(states, { next: node.nodes.map(part => build(part, states, end)) })
    case 'repeat':
      return buildRepeat(node, states, end)
  }
}

const buildRepeat = (
  { node, least, most }: Extract<Node, { kind: 'repeat' }>,
  states: State[],
  end: number,
): number => {
  let next = end
  if (most === Number.POSITIVE_INFINITY) {
    const loop: State = { next: [end] }
    next = addState(states, loop)
    loop.next.push(build(node, states, next))
  } else {
    for (let count = least; count < most; count++)
      next = addState(states, { next: [end, build(node, states, next)] })
  }
  for (let count = 0; count < least; count++) next = build(node, states, next)
  return next
}

const run = (states: readonly State[], start: number, text: string): boolean => {
  let current = reach(states, [start])
  for (const character of text) {
    const taken = [...current].flatMap(index =>
      states[index]?.accepts?.(character) ? (states[index]?.next ?? []) : [],
    )
    current = reach(states, taken)
    if (current.size === 0) return false
  }
  return current.has(0)
}

/** The states that can be reached without taking a character. State 0 is the end. */
const reach = (states: readonly State[], from: readonly number[]): Set<number> => {
  const reached = new Set<number>()
  const waiting = [...from]
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached.has(index)) continue
    reached.add(index)
    const state = states[index]
    if (state && !state.accepts) waiting.push(...state.next)
  }
  return reached
}

const classes: Readonly<Record<string, Accepts>> = {
  d: character => /^[0-9]$/.test(character),
  D: character => !/^[0-9]$/.test(character),
  w: character => /^\w$/.test(character),
  W: character => !/^\w$/.test(character),
  s: character => /^\s$/.test(character),
  S: character => !/^\s$/.test(character),
}

class PatternParser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  parse(): Node {
    if (this.#take('^')) return this.#rest()
    return this.#rest()
  }

  #rest(): Node {
    const node = this.#choice()
    if (this.#at < this.#source.length) throw new PatternError(`Unexpected ${this.#peek()} in the pattern`)
    return node
  }

  #peek(): string {
    return this.#source[this.#at] ?? ''
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #choice(): Node {
    const nodes = [this.#sequence()]
    while (this.#take('|')) nodes.push(this.#sequence())
    return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'choice', nodes }
  }

  #sequence(): Node {
    const nodes: Node[] = []
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      if (this.#peek() === '$' && this.#at === this.#source.length - 1) this.#at++
      else nodes.push(this.#repeated())
    }
    return { kind: 'sequence', nodes }
  }

  #repeated(): Node {
    let node = this.#atom()
    for (;;) {
      const bounds = this.#quantifier()
      if (!bounds) return node
      // Whether it is greedy, lazy or possessive changes nothing in what matches as a whole, but for possessive ones.
      if (!this.#take('?') && this.#peek() === '+')
        throw new PatternError('Possessive quantifiers are not supported')
      node = { kind: 'repeat', node, ...bounds }
    }
  }

  #quantifier(): { least: number; most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { least: 0, most: 1 }
    const counts = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#source.slice(this.#at))
    if (!counts) return undefined
    this.#at += counts[0].length
    const least = Number(counts[1])
    const most = counts[2] === undefined ? least : counts[3] ? Number(counts[3]) : Number.POSITIVE_INFINITY
    if (most < least) throw new PatternError(`${counts[0]} repeats less than its least`)
    return { least, most }
  }

  #atom(): Node {
    if (this.#take('(')) return this.#group()
    if (this.#take('[')) return { kind: 'character', accepts: this.#class() }
    if (this.#take('.')) return { kind: 'character', accepts: () => true }
    if (this.#take('\\')) return { kind: 'character', accepts: this.#escape() }
    const character = this.#peek()
    if ('*+?{^$'.includes(character)) throw new PatternError(`Unexpected ${character} in the pattern`)
    this.#at++
    return { kind: 'character', accepts: other => other === character }
  }

  #group(): Node {
    if (this.#peek() === '?' && !this.#take('?:')) throw new PatternError('Only (?:…) groups are supported')
    const node = this.#choice()
    if (!this.#take(')')) throw new PatternError('A parenthesis of the pattern is not closed')
    return node
  }

  #escape(): Accepts {
    const character = this.#peek()
    this.#at++
    const named = classes[character]
    if (named) return named
    if (!character || /[A-Za-z0-9]/.test(character))
      throw new PatternError(`\\${character} is not supported in patterns`)
    return other => other === character
  }

  #class(): Accepts {
    const negated = this.#take('^')
    const members: Accepts[] = []
    while (members.length === 0 || this.#peek() !== ']') {
      if (this.#at >= this.#source.length) throw new PatternError('A bracket of the pattern is not closed')
      members.push(this.#classMember())
    }
    this.#at++
    return character => members.some(accepts => accepts(character)) !== negated
  }

  #classMember(): Accepts {
    if (this.#take('\\')) return this.#escape()
    const first = this.#peek()
    this.#at++
    const range = this.#peek() === '-' && !['', ']'].includes(this.#source[this.#at + 1] ?? '')
    if (!range) return character => character === first
    const last = this.#source[this.#at + 1] ?? ''
    this.#at += 2
    return character => first <= character && character <= last
  }
}
