import { describe, expect, it } from 'vitest'
import { readConfiguration } from './configuration.ts'

const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }

describe('the configuration', () => {
  it('needs nothing but credentials on the machine of the server', () => {
    expect(readConfiguration(credentials)).toMatchObject({
      endpoint: 'http://127.0.0.1:4566',
      cluster: 'default',
      availabilityZone: 'us-east-1a',
      cleanupDelayMs: 600_000,
      orphanAfterMs: 60_000,
      reserved: { memoryMiB: 0, tcpPorts: [22, 2375, 2376, 51678, 51679], udpPorts: [] },
    })
  })

  it('reads attributes, whose values may hold an equals sign', () => {
    const environment = { ...credentials, BERTH_INSTANCE_ATTRIBUTES: 'rack=1, label=a=b' }
    expect(readConfiguration(environment).attributes).toEqual([
      { name: 'rack', value: '1' },
      { name: 'label', value: 'a=b' },
    ])
  })

  it('speaks WireGuard where it is told to', () => {
    expect(readConfiguration(credentials).wireGuard).toBeUndefined()
    const environment = { ...credentials, BERTH_WIREGUARD: 'true', BERTH_WIREGUARD_ENDPOINT: 'none' }
    expect(readConfiguration(environment).wireGuard).toEqual({ port: 51_820, endpoint: 'none' })
    const wrong = { ...environment, BERTH_WIREGUARD_ENDPOINT: 'host:51820' }
    expect(() => readConfiguration(wrong)).toThrow('BERTH_WIREGUARD_ENDPOINT is "host:51820"')
  })

  it('names everything that is wrong at once', () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'a',
      BERTH_ENDPOINT: 'localhost:4566',
      BERTH_RESERVED_MEMORY: '1G',
      BERTH_RESERVED_PORTS: '22,http',
      BERTH_INSTANCE_ATTRIBUTES: 'rack',
      BERTH_EXTERNAL: 'yes',
    }
    for (const name of ['AWS_SECRET_ACCESS_KEY', ...Object.keys(environment).slice(1)])
      expect(() => readConfiguration(environment)).toThrow(name)
  })
})
