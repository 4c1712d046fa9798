import { readExpression, type Test } from './expression.ts'
import type { PatternReader } from './pattern-reader.ts'
import { compare, readComparator, readLiteral } from './values.ts'

/** `[ip, user, ..., status = 4* && status != 404, bytes > 1000]`: messages of fields with spaces between them. */
export const readDelimitedPattern = (reader: PatternReader): Test<string> => {
  const before: Test<string>[] = []
  const after: Test<string>[] = []
  let ellipsis = false
  reader.expect('[')
  do {
    reader.skipSpace()
    if (!reader.take('...')) (ellipsis ? after : before).push(readField(reader))
    else if (ellipsis) reader.fail('only one ellipsis is allowed')
    else ellipsis = true
    reader.skipSpace()
  } while (reader.take(','))
  reader.expect(']')
  return message => {
    const fields = splitFields(message)
    const named = before.length + after.length
    if (ellipsis ? fields.length < named : fields.length !== named) return false
    const tail = fields.slice(fields.length - after.length)
    return before.every((test, i) => test(fields[i] ?? '')) && after.every((test, i) => test(tail[i] ?? ''))
  }
}

const readField = (reader: PatternReader): Test<string> => {
  let name: string | undefined
  return readExpression(reader, comparison => {
    const read = readFieldName(comparison)
    name ??= read
    if (read !== name) comparison.fail(`expected the field ${name}`)
    comparison.skipSpace()
    const comparator = readComparator(comparison)
    if (!comparator) return () => true
    comparison.skipSpace()
    const literal = readLiteral(comparison, /[^\s"%,&|()[\]=<>!]+/y)
    return field => compare(comparator, literal, field)
  })
}

const readFieldName = (reader: PatternReader): string =>
  reader.match(/[\p{L}\p{N}_$.-]+/uy) ?? reader.fail('expected a field name')

/** Text in square brackets or double quotes is one field, without them. */
const splitFields = (message: string): string[] => {
  const fields: string[] = []
  for (const [, bracketed, quoted, word] of message.matchAll(/\[([^\]]*)\]|"((?:\\.|[^"\\])*)"|(\S+)/gs))
    fields.push(bracketed ?? quoted ?? word ?? '')
  return fields
}
