/** The names of container images, as Docker reads them. (Docker: distribution reference grammar) */

export interface ImageReference {
  /** Without tag and digest, as it was written. */
  readonly repository: string
  readonly tag?: string
  /** `sha256:…` */
  readonly digest?: string
}

export const parseImageReference = (image: string): ImageReference => {
  const [name = '', digest] = image.split('@')
  const colon = name.lastIndexOf(':')
  // A colon before the last slash is that of a registry's port.
  const hasTag = colon > name.lastIndexOf('/')
  return {
    repository: hasTag ? name.slice(0, colon) : name,
    ...(hasTag ? { tag: name.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  }
}

const dockerHub = 'docker.io'

/** The registry's host and port; Docker Hub when the name has none. */
export const registryOf = (image: string): string => {
  const [first = '', ...rest] = image.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (!isHost) return dockerHub
  return /^(index|registry-1)\.docker\.io$/.test(first) ? dockerHub : first
}

/** As Docker lists it: `busybox` for `docker.io/library/busybox`. */
export const familiarRepository = (repository: string): string => {
  if (registryOf(repository) !== dockerHub) return repository
  return repository.replace(/^(index\.|registry-1\.)?docker\.io\//, '').replace(/^library\//, '')
}

/** The image of this digest, whatever its tag says now. An image that names a digest already stays as it is. */
export const pinnedImage = (image: string, digest: string | undefined): string => {
  const reference = parseImageReference(image)
  return digest === undefined || reference.digest !== undefined ? image : `${reference.repository}@${digest}`
}
