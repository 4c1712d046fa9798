/** What HAProxy says of its servers. */

/** Of `show stat`. */
export interface ServerRow {
  readonly section: string
  readonly server: string
  /** `UP`, `DOWN`, `MAINT`, `DRAIN`, `no check`, with `1/2` behind it while it changes. */
  readonly status: string
  /** `L7OK`, `L7STS`, `L4TOUT` and others; empty: none yet. */
  readonly checkStatus: string
  /** Of an answer by HTTP. */
  readonly checkCode: string
  readonly currentSessions: number
  readonly totalSessions: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly connectionErrors: number
  readonly answers: { readonly [Class in '2xx' | '3xx' | '4xx' | '5xx' | '1xx']: number }
  /** Answered ones, of any class. */
  readonly requests: number
  /** Milliseconds, of the last 1024 requests. */
  readonly meanResponseMs: number
  /** Since the counters were cleared. */
  readonly longestResponseMs: number
}

const columns = [
  'pxname',
  'svname',
  'status',
  'check_status',
  'check_code',
  'scur',
  'stot',
  'bin',
  'bout',
  'econ',
  'hrsp_1xx',
  'hrsp_2xx',
  'hrsp_3xx',
  'hrsp_4xx',
  'hrsp_5xx',
  'hrsp_other',
  'rtime',
  'rtime_max',
] as const

type Column = (typeof columns)[number]

const answerColumns = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'] as const

const rowOf = (text: (column: Column) => string): ServerRow => {
  const number = (column: Column) => Number(text(column) || '0')
  return {
    section: text('pxname'),
    server: text('svname'),
    status: text('status'),
    // A star marks a check that is under way.
    checkStatus: text('check_status').replace(/^\* ?/, ''),
    checkCode: text('check_code'),
    currentSessions: number('scur'),
    totalSessions: number('stot'),
    bytesIn: number('bin'),
    bytesOut: number('bout'),
    connectionErrors: number('econ'),
    answers: {
      '1xx': number('hrsp_1xx'),
      '2xx': number('hrsp_2xx'),
      '3xx': number('hrsp_3xx'),
      '4xx': number('hrsp_4xx'),
      '5xx': number('hrsp_5xx'),
    },
    requests: answerColumns.reduce((sum, column) => sum + number(column), 0),
    meanResponseMs: number('rtime'),
    longestResponseMs: number('rtime_max'),
  }
}

/** Pure: reads `show stat`. */
export const parseServerRows = (answer: string): ServerRow[] => {
  const lines = answer.split('\n').filter(line => line.includes(','))
  const header = lines.findIndex(line => line.startsWith('# pxname'))
  if (header < 0) return []
  const names = (lines[header] ?? '').slice(2).split(',')
  const places = new Map(columns.map(column => [column, names.indexOf(column)]))
  return lines.slice(header + 1).map(line => {
    const cells = line.split(',')
    return rowOf(column => cells[places.get(column) ?? -1] ?? '')
  })
}

/** Of `show servers state`: what a new worker needs to go on from. */
export interface ServerState {
  readonly section: string
  readonly server: string
  readonly address: string
  readonly port: number
  readonly operationalState: string
  /** Bits; 1: out of service by command. */
  readonly administrativeState: number
  readonly sinceSeconds: string
  readonly checkStatus: string
  readonly checkResult: string
  readonly checkHealth: string
}

/** Pure: reads `show servers state`. */
export const parseServerStates = (answer: string): ServerState[] =>
  answer.split('\n').flatMap(line => {
    const cells = line.split(' ')
    if (cells.length < 25 || line.startsWith('#')) return []
    return [
      {
        section: cells[1] ?? '',
        server: cells[3] ?? '',
        address: cells[4] ?? '',
        port: Number(cells[18]),
        operationalState: cells[5] ?? '',
        administrativeState: Number(cells[6]),
        sinceSeconds: cells[9] ?? '',
        checkStatus: cells[10] ?? '',
        checkResult: cells[11] ?? '',
        checkHealth: cells[12] ?? '',
      },
    ]
  })

type Begin = Pick<
  ServerState,
  'operationalState' | 'sinceSeconds' | 'checkStatus' | 'checkResult' | 'checkHealth'
>

/** Out of service until its first check passes. */
const unproven: Begin = {
  operationalState: '0',
  sinceSeconds: '0',
  checkStatus: '1',
  checkResult: '0',
  checkHealth: '0',
}

export interface BeginningServer {
  readonly section: string
  readonly server: string
  readonly address: string
  readonly port: number
  readonly isOff: boolean
  /** As the worker before knew it; undefined: nobody has asked it yet. */
  readonly known?: ServerState
}

/** The file that a new worker begins with. */
export const serverStateText = (servers: readonly BeginningServer[]): string => {
  const lines = servers.map(({ section, server, address, port, isOff, known }) => {
    const { operationalState, sinceSeconds, checkStatus, checkResult, checkHealth } = known ?? unproven
    return [
      ...['1', section, '1', server, address, operationalState, isOff ? '5' : '0', '1', '1', sinceSeconds],
      ...[checkStatus, checkResult, checkHealth, '6', '0', '0', '0', '-', String(port), '-', '0', '0'],
      ...['-', '-', '0'],
    ].join(' ')
  })
  const names =
    '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'
  return `1\n${[names, ...lines].join('\n')}\n`
}
