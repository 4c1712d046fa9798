/**
 * A row of docs/task-definition.md. To add or change one: edit the file of its part beside this one, then run `npm run fields`,
 * which writes the page. A field of the SDK's schema without a row, a row without a field, a test that does not exist
 * and a page that was not written anew each fail test/conformance/task-definition-fields.test.ts.
 */
export interface FieldRow {
  /**
   * `honoured`: it takes effect on a host of Berth's own agent.
   * `kept`: checked, stored and shown; nothing on a host follows from it, in ECS neither.
   * `refused`: by name, by RegisterTaskDefinition, by placement or by the agent.
   * `not yet`: accepted, and without effect.
   */
  readonly is: 'honoured' | 'kept' | 'refused' | 'not yet'
  /** What happens, in a sentence or two. */
  readonly text: string
  /** The file under test/ or packages/, and words of the title of the test that shows it there. */
  readonly test?: readonly [file: string, title: string]
}

/** By member of RegisterTaskDefinition as `membersOf` names them, without their last `[]`. */
export type FieldRows = Readonly<Record<string, FieldRow>>

const row =
  (is: FieldRow['is']) =>
  (text: string, ...test: [] | [file: string, title: string]): FieldRow => ({
    is,
    text,
    ...(test.length === 2 && { test }),
  })

export const honoured = row('honoured')
export const kept = row('kept')
export const refused = row('refused')

/** The rows of the members of one structure. */
export const under = (path: string, rows: FieldRows): FieldRows =>
  Object.fromEntries(Object.entries(rows).map(([name, entry]) => [`${path}.${name}`, entry]))
