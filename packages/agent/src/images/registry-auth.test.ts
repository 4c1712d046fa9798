import { describe, expect, it } from 'vitest'
import { authFor, parseRegistryAuths } from './registry-auth.ts'

const encoded = (text: string) => ({ auth: Buffer.from(text).toString('base64') })

describe("the host's keys of registries", () => {
  it('are read as docker login writes them, and as plain text', () => {
    const written = { 'https://index.docker.io/v1/': encoded('me:a:b'), 'r.io:5000': encoded('you:c') }
    expect([...parseRegistryAuths('dockercfg', JSON.stringify(written))]).toEqual([
      ['index.docker.io/v1/', { username: 'me', password: 'a:b' }],
      ['r.io:5000', { username: 'you', password: 'c' }],
    ])
    const plain = { 'http://r.io': { username: 'me', password: 'p', email: 'x' } }
    expect([...parseRegistryAuths('docker', JSON.stringify(plain))]).toEqual([
      ['r.io', { username: 'me', password: 'p' }],
    ])
    expect(parseRegistryAuths('', '').size).toBe(0)
  })

  it.each([
    ['oauth', '{}', 'the type must be docker or dockercfg'],
    ['docker', 'secret', 'the data is not JSON'],
    ['docker', '["secret"]', 'the data must be a JSON object whose keys are registries'],
    [
      'docker',
      '{"r.io":{"password":"secret"}}',
      'the entry of the registry r.io has no user and password of type docker',
    ],
    [
      'dockercfg',
      '{"r.io":{"auth":"secret"}}',
      'the entry of the registry r.io has no user and password of type dockercfg',
    ],
  ])('are refused without showing them: %s %s', (type, data, message) => {
    expect(() => parseRegistryAuths(type, data)).toThrow(message)
  })

  it.each([
    ['busybox:1', 'hub'],
    ['team/app', 'hub'],
    ['r.io/app', 'whole'],
    ['r.io/team/app:1', 'team'],
    ['r.io/teamwork/app', 'whole'],
    ['other.io/app', undefined],
  ])('belong to the longest path that leads to an image: %s', (image, username) => {
    const entry = (name: string) => ({ username: name, password: 'p' })
    const auths = parseRegistryAuths(
      'docker',
      JSON.stringify({
        'https://index.docker.io/v1/': entry('hub'),
        'r.io': entry('whole'),
        'r.io/team': entry('team'),
      }),
    )
    expect(authFor(auths, image)?.username).toBe(username)
  })
})
