import { FilterPatternError } from './filter-pattern-error.ts'

/** One character's test, how often it may come, and where the automaton goes on. */
interface Piece {
  readonly kind: 'character' | 'begin' | 'end' | 'boundary' | 'inside'
  readonly accepts: (code: number) => boolean
  readonly min: number
  readonly max: number
}

const characters = /[A-Za-z0-9\s:_#=@/;,\-^$?[\]{}|\\*+.]/y
const repeatLimit = 1000

/**
 * The regular expressions of filter patterns: no groups, ASCII only. They run as an automaton in time linear in the
 * text, because a backtracking engine lets `%.*.*.*x%` on a long line stop the store's thread.
 */
export const compileRegex = (source: string): ((text: string) => boolean) => {
  for (let at = 0; at < source.length; at++) {
    characters.lastIndex = at
    if (!characters.test(source)) throw invalid(source, `'${source[at]}' is not supported`)
  }
  const alternatives = parseAlternatives(source).map(expand)
  return text => alternatives.some(steps => runs(steps, text))
}

const invalid = (source: string, reason: string): FilterPatternError =>
  new FilterPatternError(`Invalid regular expression %${source}%: ${reason}`)

const parseAlternatives = (source: string): Piece[][] => {
  const alternatives: Piece[][] = [[]]
  const token = /\||(\\x[0-9A-Fa-f]{2}|\\.|\[\^?(?:\\.|[^\]\\])+\]|[^*+?{}[\]\\])([*+?]|\{\d+(?:,\d*)?\})?/y
  while (token.lastIndex < source.length) {
    const found = token.exec(source)
    if (!found) throw invalid(source, 'it is malformed')
    const [text, atom, quantifier] = found
    if (text === '|' || atom === undefined) alternatives.push([])
    else alternatives.at(-1)?.push(pieceOf(source, atom, quantifier))
  }
  return alternatives
}

const anchors: Readonly<Record<string, Piece['kind']>> = {
  '^': 'begin',
  $: 'end',
  '\\b': 'boundary',
  '\\B': 'inside',
}

const pieceOf = (source: string, atom: string, quantifier: string | undefined): Piece => {
  const kind = anchors[atom]
  if (kind !== undefined && quantifier !== undefined) throw invalid(source, `${atom} cannot be repeated`)
  const [min, max] = bounds(source, quantifier)
  return { kind: kind ?? 'character', accepts: kind ? () => false : characterTest(source, atom), min, max }
}

const bounds = (source: string, quantifier: string | undefined): [number, number] => {
  if (quantifier === undefined) return [1, 1]
  if (quantifier === '*') return [0, Number.POSITIVE_INFINITY]
  if (quantifier === '+') return [1, Number.POSITIVE_INFINITY]
  if (quantifier === '?') return [0, 1]
  const [low = '', high] = quantifier.slice(1, -1).split(',')
  const min = Number(low)
  const max = high === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high)
  if (max < min || min > repeatLimit || (max > repeatLimit && max !== Number.POSITIVE_INFINITY))
    throw invalid(source, `${quantifier} is out of range`)
  return [min, max]
}

/** A single character's class is JavaScript's own; only its repetition is ours. */
const characterTest = (source: string, atom: string): ((code: number) => boolean) => {
  try {
    const expression = new RegExp(`^${atom}$`, 's')
    const ascii = Array.from({ length: 128 }, (_, code) => expression.test(String.fromCharCode(code)))
    const others = expression.test('\u{ffff}')
    return code => ascii[code] ?? others
  } catch {
    throw invalid(source, `${atom} is malformed`)
  }
}

/** A state of the automaton: what it takes, whether it may be passed by, whether it may be taken again. */
interface Step {
  readonly piece: Piece
  readonly optional: boolean
  readonly repeats: boolean
}

const expand = (pieces: readonly Piece[]): Step[] => {
  const steps: Step[] = []
  for (const piece of pieces) {
    const unbounded = piece.max === Number.POSITIVE_INFINITY
    for (let i = 0; i < piece.min; i++)
      steps.push({ piece, optional: false, repeats: unbounded && i === piece.min - 1 })
    if (unbounded && piece.min === 0) steps.push({ piece, optional: true, repeats: true })
    if (!unbounded)
      for (let i = piece.min; i < piece.max; i++) steps.push({ piece, optional: true, repeats: false })
  }
  if (steps.length > 4 * repeatLimit)
    throw new FilterPatternError('Invalid regular expression: it is too long')
  return steps
}

const isWord = (code: number): boolean => /\w/.test(String.fromCharCode(code))

/** Searches the text: a new attempt begins at every character, all attempts advance together. */
const runs = (steps: readonly Step[], text: string): boolean => {
  let states = new Set<number>()
  for (let at = 0; at <= text.length; at++) {
    reach(steps, states, 0, text, at)
    if (states.has(steps.length)) return true
    const code = text.charCodeAt(at)
    const next = new Set<number>()
    for (const state of states) {
      const step = steps[state]
      if (at === text.length || step?.piece.kind !== 'character' || !step.piece.accepts(code)) continue
      if (step.repeats) reach(steps, next, state, text, at + 1)
      reach(steps, next, state + 1, text, at + 1)
    }
    states = next
  }
  return states.has(steps.length)
}

/** Adds a state, and those that follow it without taking a character. */
const reach = (steps: readonly Step[], states: Set<number>, from: number, text: string, at: number): void => {
  for (let state = from; !states.has(state); state++) {
    states.add(state)
    const step = steps[state]
    if (step === undefined) return
    const passes = step.piece.kind === 'character' ? step.optional : holds(step.piece.kind, text, at)
    if (!passes) return
  }
}

const holds = (kind: Piece['kind'], text: string, at: number): boolean => {
  if (kind === 'begin') return at === 0
  if (kind === 'end') return at === text.length
  const boundary =
    (at > 0 && isWord(text.charCodeAt(at - 1))) !== (at < text.length && isWord(text.charCodeAt(at)))
  return boundary === (kind === 'boundary')
}
