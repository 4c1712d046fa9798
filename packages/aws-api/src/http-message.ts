export interface HttpRequest {
  readonly method: string
  /** Path and query exactly as they came on the request line. */
  readonly url: string
  /** Names in lower case; repeated headers joined with a comma, as SigV4 canonicalises them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly sourceAddress: string
}

export interface HttpResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The path and the raw query string (without the question mark) of a request line's target. */
export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}
