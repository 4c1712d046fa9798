/** What a file of environment variables says. Pure. (AWS: "Pass environment variables to an Amazon ECS container") */

/**
 * Lines of NAME=VALUE; those that begin with # are comments. Spaces and quotation marks are part of the value. As in
 * ECS, a line without a name or without a value says nothing, and the last of two lines with one name holds.
 */
export const parseEnvironmentFile = (text: string): Record<string, string> => {
  const variables: [string, string][] = []
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('=')
    if (!line.startsWith('#') && at > 0 && at < line.length - 1)
      variables.push([line.slice(0, at), line.slice(at + 1)])
  }
  return Object.fromEntries(variables)
}

/** The variables of a container's files: of two files that name the same variable, the one that stands first holds. */
export const mergeEnvironmentFiles = (
  files: readonly Readonly<Record<string, string>>[],
): Record<string, string> => Object.assign({}, ...files.toReversed())
