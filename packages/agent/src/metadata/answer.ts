/** What an endpoint of a task answers. */
export interface Answer {
  readonly status: number
  /** JSON. */
  readonly body: string
}

export const json = (status: number, value: unknown): Answer => ({ status, body: JSON.stringify(value) })
