/** The base URL that a caller reached us under, which other addresses of ours are made of; undefined without a Host. */
export const reachedEndpoint = (headers: {
  readonly [name: string]: string | readonly string[] | undefined
}): string | undefined => {
  const { host, 'x-forwarded-proto': forwarded } = headers
  return host ? `${forwarded === 'https' ? 'https' : 'http'}://${host}` : undefined
}
