/** A REST operation's method and path: `/2015-02-01/file-systems/{FileSystemId}/policy`. */
export interface Route {
  readonly operation: string
  readonly method: string
  /** The values of the path's labels, decoded; undefined for another path. */
  match(path: string): Readonly<Record<string, string>> | undefined
}

/** `{Name+}` takes the rest of the path, slashes included. */
export const createRoute = (operation: string, method: string, template: string): Route => {
  const names: string[] = []
  // What follows a question mark is constant in AWS's models, and told by no client in another way.
  const [path = ''] = template.split('?')
  const pattern = path
    .split('/')
    .map(segment => {
      const label = /^\{(\w+)(\+?)\}$/.exec(segment)
      if (!label) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      names.push(label[1] ?? '')
      return label[2] ? '(.+)' : '([^/]+)'
    })
    .join('/')
  const expression = new RegExp(`^${pattern}/?$`)
  return {
    operation,
    method,
    match: given => {
      const found = expression.exec(given)
      return found
        ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]))
        : undefined
    },
  }
}
