import { describe, expect, it } from 'vitest'
import { familiarRepository, parseImageReference, pinnedImage, registryOf } from './image-reference.ts'

describe('the name of an image', () => {
  it.each([
    ['busybox', { repository: 'busybox' }],
    ['team/app:1', { repository: 'team/app', tag: '1' }],
    ['registry:5000/app', { repository: 'registry:5000/app' }],
    ['registry:5000/app:1', { repository: 'registry:5000/app', tag: '1' }],
    ['app@sha256:ab', { repository: 'app', digest: 'sha256:ab' }],
    ['r.io/app:1@sha256:ab', { repository: 'r.io/app', tag: '1', digest: 'sha256:ab' }],
  ])('is taken apart: %s', (image, parts) => expect(parseImageReference(image)).toEqual(parts))

  it.each([
    ['busybox', 'docker.io'],
    ['team/app', 'docker.io'],
    ['index.docker.io/team/app', 'docker.io'],
    ['localhost/app', 'localhost'],
    ['localhost:5000/app:1', 'localhost:5000'],
    ['registry.example/app', 'registry.example'],
  ])('names its registry: %s', (image, registry) => expect(registryOf(image)).toBe(registry))

  it.each([
    ['docker.io/library/busybox', 'busybox'],
    ['library/busybox', 'busybox'],
    ['docker.io/team/app', 'team/app'],
    ['r.io/library/app', 'r.io/library/app'],
  ])('is what Docker lists: %s', (repository, familiar) =>
    expect(familiarRepository(repository)).toBe(familiar),
  )

  it('is pinned to a digest in place of its tag, once', () => {
    expect(pinnedImage('r:5000/app:1', 'sha256:ab')).toBe('r:5000/app@sha256:ab')
    expect(pinnedImage('app@sha256:cd', 'sha256:ab')).toBe('app@sha256:cd')
    expect(pinnedImage('app:1', undefined)).toBe('app:1')
  })
})
