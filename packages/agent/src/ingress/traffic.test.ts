import { describe, expect, it } from 'vitest'
import { parseServerRows, type ServerRow } from './server-rows.ts'
import { trafficSince } from './traffic.ts'

const header =
  '# pxname,svname,scur,stot,bin,bout,econ,status,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,check_status,check_code,rtime,rtime_max,'

const counters = (...lines: string[]): Map<string, ServerRow> =>
  new Map(parseServerRows([header, ...lines].join('\n')).map(row => [`1/${row.section}/${row.server}`, row]))

const groupOf = (section: string) =>
  section.startsWith('blue') ? { loadBalancerArn: 'lb', targetGroupArn: 'blue' } : undefined

describe('the traffic of a target group', () => {
  it('is what its servers’ counters grew by, in both sections', () => {
    const before = counters('blue,a,0,5,10,20,0,UP,0,5,0,0,0,0,* L7OK,200,4,9,')
    const now = counters(
      'blue,a,0,9,30,40,1,UP,0,7,1,1,0,0,L7OK,200,10,50,',
      'blue.open,a,0,1,1,1,0,UP,0,0,0,0,1,0,,,20,70,',
      'other,a,0,1,1,1,0,UP,0,0,0,0,1,0,,,20,70,',
    )
    expect(trafficSince(before, now, groupOf)).toEqual([
      {
        loadBalancerArn: 'lb',
        targetGroupArn: 'blue',
        requests: 5,
        answers2xx: 2,
        answers3xx: 1,
        answers4xx: 1,
        answers5xx: 1,
        connectionErrors: 1,
        responseTimeSum: (4 * 10 + 20) / 1_000,
        responseTimeMax: 0.07,
        newConnections: 5,
        processedBytes: 42,
      },
    ])
  })

  it('is told only of groups that had any', () => {
    const same = counters('blue,a,0,5,10,20,0,UP,0,5,0,0,0,0,L7OK,200,4,9,')
    expect(trafficSince(same, same, groupOf)).toEqual([])
  })
})
