/** Of Linux, or of Windows with its drive. No path of Linux holds a colon, by which engines part paths. */
export const isAbsolute = (path: string): boolean => /^(\/[^:\0]*|[a-zA-Z]:\\[^\0]*)$/.test(path)
