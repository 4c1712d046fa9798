type Step = 'one' | 'many' | { readonly letter: string }

/** `*` stands for any text, `?` for one character, and a backslash before either for that character itself. */
export const wildcard = (pattern: string): ((text: string) => boolean) => {
  const steps: Step[] = [...pattern.matchAll(/\\([*?\\])|./gsu)].map(([letter, escaped]) => {
    if (escaped !== undefined) return { letter: escaped }
    if (letter === '*') return 'many'
    return letter === '?' ? 'one' : { letter }
  })
  return text => matches([...text], steps)
}

/** Goes back to the last `*` only, so that no caller's pattern can take for ever. */
const matches = (letters: readonly string[], steps: readonly Step[]): boolean => {
  let [at, step] = [0, 0]
  let retry: { at: number; step: number } | undefined
  while (at < letters.length) {
    const next = steps[step]
    if (next === 'many') retry = { at, step: ++step }
    else if (next === 'one' || (next !== undefined && next.letter === letters[at])) {
      at++
      step++
    } else if (retry) {
      retry.at++
      at = retry.at
      step = retry.step
    } else return false
  }
  return steps.slice(step).every(rest => rest === 'many')
}
