/** Words as one command line that ECS Exec parts into the same words. */
export const quoteCommand = (words: readonly string[]): string => words.map(quoteWord).join(' ')

const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`
