import { describe, expect, it } from 'vitest'
import { parseWorkers } from './master-socket.ts'

describe('the workers of HAProxy', () => {
  it('are the one that takes connections, and those that it has replaced', () => {
    const answer = `#<PID>          <type>          <reloads>       <uptime>        <version>
32020           master          2 [failed: 1]   0d00h04m41s     2.6.12-1+deb12u4
# workers
32050           worker          0               0d00h00m01s     2.6.12-1+deb12u4
# old workers
32030           worker          2               0d00h04m41s     2.6.12-1+deb12u4
# programs

`
    expect(parseWorkers(answer)).toEqual({
      master: 32_020,
      reloads: 2,
      failedReloads: 1,
      current: 32_050,
      former: [32_030],
    })
  })

  it('go on when a reload has failed, which counts for them as well', () => {
    const answer = `#<PID>          <type>          <reloads>       <uptime>        <version>
20867           master          1 [failed: 1]   0d00h00m05s     2.6.12-1+deb12u4
# workers
20879           worker          1               0d00h00m05s     2.6.12-1+deb12u4
# old workers
20870           worker          2               0d00h01m05s     2.6.12-1+deb12u4
# programs
`
    expect(parseWorkers(answer)).toMatchObject({ failedReloads: 1, current: 20_879, former: [20_870] })
  })
})
