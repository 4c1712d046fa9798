import { describe, expect, it } from 'vitest'
import { container, payload, startTestHost } from '../tasks/tasks-fixtures.ts'
import { createContiguousPorts } from './contiguous-ports.ts'
import { createPortRanges } from './port-ranges.ts'

/** Ports 100 to 119, some of them taken. */
const ports = (taken: readonly number[] = []) =>
  createContiguousPorts({ first: 100, last: 119, isFree: async port => !taken.includes(port) })

describe('contiguous ports of a host', () => {
  it('are searched downwards, without those that are taken', async () => {
    const host = ports([118, 113])
    expect(await host.take(3, 'tcp')).toBe(115)
    expect(await host.take(3, 'tcp')).toBe(110)
  })

  it('are given once, also to several who ask at once, and round when the end is reached', async () => {
    const host = ports()
    expect(await Promise.all([host.take(8, 'tcp'), host.take(8, 'udp')])).toEqual([112, 104])
    expect(await host.take(8, 'tcp')).toBe(112)
  })

  it('may be none', async () => {
    expect(await ports([105, 110, 115]).take(6, 'tcp')).toBeUndefined()
    expect(await ports().take(21, 'tcp')).toBeUndefined()
  })
})

const withRange = container('app', {
  portMappings: [
    { containerPortRange: '8000-8002', protocol: 'tcp' },
    { containerPort: 80, hostPort: 0, protocol: 'tcp' },
  ],
})

describe('a range of container ports', () => {
  it('is bound to as many ports in a row, and told as a range', async () => {
    const host = await startTestHost({ resources: [createPortRanges(ports([119]))] })
    await host.give(payload('a', [withRange]))
    expect(host.engine.named('app')?.spec.ports.map(port => port.hostPort)).toEqual([116, 117, 118, 0])
    expect(host.last('a')?.containers[0]?.networkBindings).toEqual([
      { bindIP: '0.0.0.0', containerPort: 80, hostPort: expect.any(Number), protocol: 'tcp' },
      { bindIP: '0.0.0.0', containerPortRange: '8000-8002', hostPortRange: '116-118', protocol: 'tcp' },
    ])
  })

  it('for which the host has no ports in a row stops the task, which says so', async () => {
    const host = await startTestHost({
      resources: [createPortRanges(ports([102, 104, 106, 108, 110, 112, 114, 116, 118]))],
    })
    await host.give(payload('a', [withRange]))
    expect(host.last('a')).toMatchObject({
      status: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      reason: 'HostConfigError: 3 contiguous host ports are unavailable',
    })
  })
})
