import { describe, expect, it } from 'vitest'
import { parseFileSystems } from './file-systems.ts'
import { nfsVolume } from './nfs-volume.ts'

const fileSystemId = 'fs-0123456789abcdef0'
const server = { address: '10.0.0.5', path: '/exports' }
const device = (configuration: object, fileSystem: object = server) => {
  const { options, problem } = nfsVolume(
    { fileSystemId, ...configuration },
    {
      [fileSystemId]: { ...server, ...fileSystem },
    },
  )
  return problem ?? options?.['device']
}

describe('an EFS file system as NFS', () => {
  it('is mounted at its root, or at its rootDirectory', () => {
    expect(device({})).toBe(':/exports/')
    expect(device({ rootDirectory: '/' })).toBe(':/exports/')
    expect(device({ rootDirectory: '/a/b' })).toBe(':/exports/a/b')
  })

  it('is never left through its rootDirectory', () => {
    expect(device({ rootDirectory: '/../../etc' })).toBe(':/exports/etc')
    expect(device({ rootDirectory: '../etc' })).toBe(':/exports/etc')
  })

  it('is encrypted on its way only where the operator says that the network is', () => {
    const configuration = { transitEncryption: 'ENABLED' }
    expect(device(configuration)).toContain('transitEncryption ENABLED')
    expect(device(configuration, { encryptedNetwork: true })).toBe(':/exports/')
  })

  it('is mounted at the path that the operator gives an access point', () => {
    const configuration = { transitEncryption: 'ENABLED', authorizationConfig: { accessPointId: 'fsap-1' } }
    expect(device(configuration, { encryptedNetwork: true })).toContain('accessPointId fsap-1: no path')
    const likeEveryObject = { authorizationConfig: { accessPointId: 'constructor' } }
    expect(device(likeEveryObject, { accessPoints: {} })).toContain('accessPointId constructor: no path')
    const accessPoints = { 'fsap-1': { path: '/app' } }
    expect(device(configuration, { encryptedNetwork: true, accessPoints })).toBe(':/exports/app')
  })

  it('does not check IAM roles, and says so', () => {
    expect(device({ authorizationConfig: { iam: 'ENABLED' } })).toContain('authorizationConfig.iam ENABLED')
  })

  it('is where the control plane says, when it does', () => {
    const mountTarget = { address: '10.9.9.9' }
    expect(nfsVolume({ fileSystemId, mountTarget }, {}).options?.['o']).toMatch(/^addr=10\.9\.9\.9,/)
    const found = nfsVolume(
      {
        fileSystemId,
        mountTarget: { ...mountTarget, accessPoints: { 'fsap-1': { path: '/app' } } },
        transitEncryption: 'ENABLED',
        authorizationConfig: { accessPointId: 'fsap-1' },
      },
      { [fileSystemId]: { address: '10.0.0.1', path: '/exports', encryptedNetwork: true } },
    )
    expect(found.options).toMatchObject({
      device: ':/exports/app',
      o: expect.stringMatching(/^addr=10\.9\.9\.9,/),
    })
  })
})

describe("the operator's file of file systems", () => {
  it('is taken as it is when it says what is needed', () => {
    expect(parseFileSystems('/etc/efs.json', JSON.stringify({ [fileSystemId]: server }))).toEqual({
      [fileSystemId]: server,
    })
  })

  it.each([
    ['{', 'SyntaxError'],
    ['[]', 'it is not a JSON object'],
    ['{"data":{}}', 'data is not the id of an EFS file system'],
    [`{"${fileSystemId}":{}}`, 'has no address of an NFS server'],
    [`{"${fileSystemId}":{"address":"a,soft"}}`, 'has no address of an NFS server'],
    [`{"${fileSystemId}":{"address":"a","path":"b"}}`, 'does not begin with /'],
    [`{"${fileSystemId}":{"address":"a","encryptedNetwork":1}}`, 'neither true nor false'],
    [`{"${fileSystemId}":{"address":"a","accessPoints":{"fsap-1":{}}}}`, 'fsap-1 of'],
    [`{"${fileSystemId}":{"address":"a","port":1}}`, 'unknown member port'],
  ])('with %s in it is refused, and named', (text, problem) => {
    expect(() => parseFileSystems('/etc/efs.json', text)).toThrow(problem)
    expect(() => parseFileSystems('/etc/efs.json', text)).toThrow('/etc/efs.json')
  })
})
