import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a command writes: tables for people, JSON for scripts. */
export interface Output {
  readonly json: boolean
  line(text: string): void
  /** To standard error: progress and warnings, which `--json` leaves alone. */
  note(text: string): void
  /** The value itself under `--json`, else what `render` writes. */
  show(value: unknown, render: () => void): void
  table(header: readonly string[], rows: readonly (readonly string[])[]): void
  colour(style: Style, text: string): string
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal's colours are made of
const escapes = /\u001b\[\d+m/g
const width = (cell: string): number => cell.replace(escapes, '').length

/** Columns as wide as their widest cell, two spaces apart, none of them padded at the end of a line. */
export const formatTable = (header: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const lines = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...lines.map(line => width(line[column] ?? ''))))
  return lines.map(line =>
    line
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd(),
  )
}

export const createOutput = (
  json: boolean,
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Output => {
  const coloured = stdout.isTTY === true && !process.env['NO_COLOR']
  const colour = (style: Style, text: string): string =>
    coloured ? styleText(style, text, { validateStream: false }) : text
  const line = (text: string): void => {
    stdout.write(`${text}\n`)
  }
  return {
    json,
    line,
    note: text => {
      stderr.write(`${text}\n`)
    },
    show: (value, render) => (json ? line(JSON.stringify(value, null, 2)) : render()),
    table: (header, rows) => {
      for (const text of formatTable(
        header.map(title => colour('dim', title)),
        rows,
      ))
        line(text)
    },
    colour,
  }
}
