import type { InputLogEvent } from '@aws-sdk/client-cloudwatch-logs'
import { STS } from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, test } from 'vitest'
import { sweepLogs } from '../../../packages/control-plane/src/services/logs/index.ts'
import { logStreams } from '../../../packages/control-plane/src/services/logs/tables/index.ts'
import { LogsEndpoint } from './logs-endpoint.ts'

let at: LogsEndpoint
beforeEach(async () => {
  at = await LogsEndpoint.start()
})

const logGroupName = '/ecs/web'
const logStreamName = 'web/app/1'
const groupArn = `arn:aws:logs:us-east-1:111122223333:log-group:${logGroupName}`
const dayMs = 24 * 60 * 60 * 1000
const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
const setUp = async (...streams: string[]): Promise<void> => {
  await at.logs.createLogGroup({ logGroupName })
  for (const name of streams.length > 0 ? streams : [logStreamName])
    await at.logs.createLogStream({ logGroupName, logStreamName: name })
}
const event = (offset: number, message: string): InputLogEvent => ({
  timestamp: at.clock.now() + offset,
  message,
})
const put = (events: InputLogEvent[], stream = logStreamName) =>
  at.logs.putLogEvents({ logGroupName, logStreamName: stream, logEvents: events })

describe('log groups', () => {
  test('are created once, described and deleted', async () => {
    await at.logs.createLogGroup({ logGroupName, tags: { team: 'web' } })
    expect(await refusal(at.logs.createLogGroup({ logGroupName }))).toBe(
      'ResourceAlreadyExistsException: The specified log group already exists',
    )
    const { logGroups, nextToken } = await at.logs.describeLogGroups({})
    expect(nextToken).toBeUndefined()
    expect(logGroups).toEqual([
      {
        logGroupName,
        creationTime: at.clock.now(),
        metricFilterCount: 0,
        arn: `${groupArn}:*`,
        logGroupArn: groupArn,
        storedBytes: 0,
        logGroupClass: 'STANDARD',
        deletionProtectionEnabled: false,
      },
    ])
    await at.logs.deleteLogGroup({ logGroupName })
    expect(await refusal(at.logs.deleteLogGroup({ logGroupName }))).toBe(
      'ResourceNotFoundException: The specified log group does not exist.',
    )
  })

  test('are listed by prefix, pattern and class, page by page', async () => {
    for (const name of ['b', 'a/2', 'a/1', 'c/a/3']) await at.logs.createLogGroup({ logGroupName: name })
    const names = async (input: Parameters<typeof at.logs.describeLogGroups>[0] = {}) =>
      (await at.logs.describeLogGroups(input)).logGroups?.map(group => group.logGroupName)
    expect(await names()).toEqual(['a/1', 'a/2', 'b', 'c/a/3'])
    expect(await names({ logGroupNamePrefix: 'a/' })).toEqual(['a/1', 'a/2'])
    expect(await names({ logGroupNamePattern: 'a/' })).toEqual(['a/1', 'a/2', 'c/a/3'])
    expect(await names({ logGroupClass: 'INFREQUENT_ACCESS' })).toEqual([])
    expect(await names({ logGroupIdentifiers: ['b', groupArn.replace(logGroupName, 'a/1')] })).toEqual([
      'a/1',
      'b',
    ])
    const first = await at.logs.describeLogGroups({ limit: 3 })
    expect(first.logGroups?.length).toBe(3)
    expect(await names({ limit: 3, nextToken: first.nextToken })).toEqual(['c/a/3'])
    expect(
      await refusal(at.logs.describeLogGroups({ nextToken: first.nextToken, logGroupNamePrefix: 'a' })),
    ).toBe('InvalidParameterException: The specified nextToken is invalid.')
    expect(await refusal(at.logs.describeLogGroups({ limit: 51 }))).toContain('less than or equal to 50')
  })

  test('have a retention, tags and deletion protection', async () => {
    await at.logs.createLogGroup({ logGroupName, tags: { team: 'web' }, deletionProtectionEnabled: true })
    await at.logs.putRetentionPolicy({ logGroupName, retentionInDays: 7 })
    expect((await at.logs.describeLogGroups({})).logGroups?.[0]?.retentionInDays).toBe(7)
    expect(await refusal(at.logs.putRetentionPolicy({ logGroupName, retentionInDays: 2 }))).toContain(
      'enum value set',
    )
    await at.logs.deleteRetentionPolicy({ logGroupName })
    expect((await at.logs.describeLogGroups({})).logGroups?.[0]?.retentionInDays).toBeUndefined()
    await at.logs.tagResource({ resourceArn: groupArn, tags: { env: 'prod' } })
    await at.logs.untagResource({ resourceArn: `${groupArn}:*`, tagKeys: ['team'] })
    await at.logs.tagLogGroup({ logGroupName, tags: { old: 'way' } })
    expect((await at.logs.listTagsForResource({ resourceArn: groupArn })).tags).toEqual({
      env: 'prod',
      old: 'way',
    })
    await at.logs.untagLogGroup({ logGroupName, tags: ['env'] })
    expect((await at.logs.listTagsLogGroup({ logGroupName })).tags).toEqual({ old: 'way' })
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v']))
    expect(await refusal(at.logs.tagResource({ resourceArn: groupArn, tags: many }))).toContain(
      'TooManyTagsException',
    )
    expect(await refusal(at.logs.deleteLogGroup({ logGroupName }))).toContain('deletion protection')
    await at.logs.putLogGroupDeletionProtection({
      logGroupIdentifier: logGroupName,
      deletionProtectionEnabled: false,
    })
    await at.logs.deleteLogGroup({ logGroupName })
  })

  test('take their streams along, also when one of the same name follows at once', async () => {
    await setUp('a', 'b')
    await put([event(0, 'old')], 'a')
    await at.logs.deleteLogGroup({ logGroupName })
    await setUp('a')
    expect((await at.logs.getLogEvents({ logGroupName, logStreamName: 'a' })).events).toEqual([])
    expect(at.store.count(logStreams, 'byGroup', '0000000000000001')).toBe(2)
    at.settle()
    expect([...at.store.all(logStreams)].map(stream => stream.name)).toEqual(['a'])
    expect((await at.logs.describeLogStreams({ logGroupName })).logStreams?.length).toBe(1)
  })

  test.each([
    [{ logGroupName: 'a b' }, 'InvalidParameterException: 1 validation error detected: '],
    [{ logGroupName: '' }, 'length greater than or equal to 1'],
    [{ logGroupName: 'x'.repeat(513) }, 'length less than or equal to 512'],
    [{ logGroupName: 'a', kmsKeyId: 'arn:aws:kms:x' }, 'kmsKeyId is not supported'],
    [{ logGroupName: 'a', logGroupClass: 'DELIVERY' as const }, 'DELIVERY is not supported'],
  ])('%j is refused', async (input, message) => {
    expect(await refusal(at.logs.createLogGroup(input))).toContain(message)
  })
})

describe('log streams', () => {
  test('are created once, ordered by name or by last event, and deleted', async () => {
    await setUp('b', 'a', 'c')
    expect(await refusal(at.logs.createLogStream({ logGroupName, logStreamName: 'a' }))).toBe(
      'ResourceAlreadyExistsException: The specified log stream already exists',
    )
    expect(await refusal(at.logs.createLogStream({ logGroupName, logStreamName: 'a:b' }))).toContain('[^:*]*')
    expect(await refusal(at.logs.createLogStream({ logGroupName: 'none', logStreamName: 'a' }))).toContain(
      'group does not',
    )
    await put([event(-5, 'x'), event(0, 'y')], 'c')
    await put([event(-2, 'z')], 'a')
    const names = async (input: object) =>
      (await at.logs.describeLogStreams({ logGroupName, ...input })).logStreams?.map(
        stream => stream.logStreamName,
      )
    expect(await names({})).toEqual(['a', 'b', 'c'])
    expect(await names({ descending: true })).toEqual(['c', 'b', 'a'])
    expect(await names({ logStreamNamePrefix: 'b' })).toEqual(['b'])
    expect(await names({ orderBy: 'LastEventTime', descending: true })).toEqual(['c', 'a', 'b'])
    for (const order of [{}, { descending: true }, { orderBy: 'LastEventTime' as const }]) {
      const all = await names(order)
      const first = await at.logs.describeLogStreams({ logGroupName, ...order, limit: 2 })
      expect(await names({ ...order, limit: 2, nextToken: first.nextToken })).toEqual(all?.slice(2))
    }
    const [stream] =
      (await at.logs.describeLogStreams({ logGroupIdentifier: groupArn, logStreamNamePrefix: 'c' }))
        .logStreams ?? []
    expect(stream).toEqual({
      logStreamName: 'c',
      creationTime: at.clock.now(),
      firstEventTimestamp: at.clock.now() - 5,
      lastEventTimestamp: at.clock.now(),
      lastIngestionTime: at.clock.now(),
      uploadSequenceToken: expect.any(String),
      arn: `${groupArn}:log-stream:c`,
      storedBytes: 0,
    })
    expect((await at.logs.describeLogGroups({})).logGroups?.[0]?.storedBytes).toBe(3 * 27)
    await at.logs.deleteLogStream({ logGroupName, logStreamName: 'c' })
    expect(await names({})).toEqual(['a', 'b'])
    expect((await at.logs.filterLogEvents({ logGroupName })).events?.map(e => e.message)).toEqual(['z'])
  })
})

describe('PutLogEvents', () => {
  beforeEach(() => setUp())

  test('takes what is in time and says what is not', async () => {
    await at.logs.putRetentionPolicy({ logGroupName, retentionInDays: 3 })
    const answer = await put([
      event(-20 * dayMs, 'too old'),
      event(-4 * dayMs, 'expired'),
      event(0, 'taken'),
      event(3 * 60 * 60 * 1000, 'too new'),
    ])
    expect(answer.rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
      expiredLogEventEndIndex: 2,
      tooNewLogEventStartIndex: 3,
    })
    expect(answer.nextSequenceToken).toMatch(/^\d{56}$/)
    const { events } = await at.logs.getLogEvents({ logGroupName, logStreamName })
    expect(events).toEqual([{ timestamp: at.clock.now(), message: 'taken', ingestionTime: at.clock.now() }])
  })

  test.each<[string, () => InputLogEvent[]]>([
    ['chronological order', () => [event(1, 'a'), event(0, 'b')]],
    ['cannot span more than 24 hours', () => [event(-dayMs - 1, 'a'), event(0, 'b')]],
    ['Upload too large: 1200026 bytes exceeds limit of 1048576', () => [event(0, 'x'.repeat(1_200_000))]],
    ['length less than or equal to 10000', () => Array.from({ length: 10_001 }, () => event(0, 'x'))],
    ['length greater than or equal to 1', () => []],
    ['length greater than or equal to 1', () => [event(0, '')]],
  ])('refuses with: %s', async (message, events) => {
    expect(await refusal(put(events()))).toContain(message)
  })

  test('is the first to be refused when the disk fills up', async () => {
    at.accepts = false
    expect(await refusal(put([event(0, 'x')]))).toContain('ServiceUnavailableException')
    expect((await at.logs.getLogEvents({ logGroupName, logStreamName })).events).toEqual([])
    expect(await refusal(put([event(0, 'x')], 'none'))).toBe(
      'ResourceNotFoundException: The specified log stream does not exist.',
    )
  })
})

describe('GetLogEvents', () => {
  test('goes both ways, and gives the token back at the end', async () => {
    await setUp()
    await put(Array.from({ length: 10 }, (_, i) => event(i - 10, `${i}`)))
    const page = async (input: object) => {
      const { events = [], ...tokens } = await at.logs.getLogEvents({
        logGroupName,
        logStreamName,
        limit: 4,
        ...input,
      })
      return { text: events.map(e => e.message).join(''), ...tokens }
    }
    const last = await page({})
    expect(last.text).toBe('6789')
    const end = await page({ nextToken: last.nextForwardToken, startFromHead: true })
    expect(end.text).toBe('')
    expect(end.nextForwardToken).toBe(last.nextForwardToken)
    const middle = await page({ nextToken: last.nextBackwardToken })
    expect(middle.text).toBe('2345')
    const first = await page({ nextToken: middle.nextBackwardToken })
    expect(first.text).toBe('01')
    const before = await page({ nextToken: first.nextBackwardToken })
    expect([before.text, before.nextBackwardToken]).toEqual(['', first.nextBackwardToken])
    expect((await page({ nextToken: first.nextForwardToken })).text).toBe('2345')
    expect((await page({ nextToken: end.nextBackwardToken })).text).toBe('6789')
    expect((await page({ startFromHead: true })).text).toBe('0123')
    expect((await page({ startTime: at.clock.now() - 8, endTime: at.clock.now() - 5 })).text).toBe('234')
    await put([event(0, 'A')])
    expect((await page({ nextToken: end.nextForwardToken, startFromHead: true })).text).toBe('A')
    expect(await refusal(page({ nextToken: 'x' }))).toContain('nextToken is invalid')
  })
})

describe('FilterLogEvents', () => {
  test('finds events of many streams in the order of time, page by page', async () => {
    await setUp('web/1', 'web/2', 'db')
    await put([event(-4, 'GET 1'), event(-1, 'POST 2')], 'web/1')
    await put([event(-3, 'GET 3'), event(-2, 'GET 4')], 'web/2')
    await put([event(-3, 'SELECT 5')], 'db')
    const find = async (input: object) => {
      const {
        events = [],
        searchedLogStreams,
        nextToken,
      } = await at.logs.filterLogEvents({ logGroupName, ...input })
      expect(searchedLogStreams).toEqual([])
      return { found: events.map(e => `${e.logStreamName} ${e.message}`), nextToken, events }
    }
    const all = await find({})
    expect(all.found).toEqual(['web/1 GET 1', 'web/2 GET 3', 'db SELECT 5', 'web/2 GET 4', 'web/1 POST 2'])
    expect(new Set(all.events.map(e => e.eventId)).size).toBe(5)
    expect((await find({ filterPattern: 'GET' })).found.length).toBe(3)
    expect((await find({ logStreamNames: ['db'] })).found).toEqual(['db SELECT 5'])
    expect((await find({ logStreamNamePrefix: 'web/', filterPattern: '-GET' })).found).toEqual([
      'web/1 POST 2',
    ])
    expect((await find({ endTime: at.clock.now() - 4 })).found).toEqual(['web/1 GET 1'])
    expect((await find({ startFromHead: false, limit: 1 })).found).toEqual(['web/1 POST 2'])
    const paged: string[] = []
    let nextToken: string | undefined
    do {
      const page = await find({ limit: 2, ...(nextToken && { nextToken }) })
      paged.push(...page.found)
      nextToken = page.nextToken
    } while (nextToken)
    expect(paged).toEqual(all.found)
    expect(await refusal(find({ filterPattern: '{ $.a = ' }))).toContain(
      'InvalidParameterException: Invalid filter pattern',
    )
    expect(await refusal(find({ logStreamNames: ['none'] }))).toContain('log stream does not exist')
    expect(await refusal(find({ logStreamNames: ['db'], logStreamNamePrefix: 'd' }))).toContain('Only one of')
    expect(await refusal(find({ logGroupIdentifier: logGroupName }))).toContain('Only one of')
  })
})

test('expired events are not shown, and their room is freed', async () => {
  await setUp()
  await put([event(0, 'old')])
  await at.logs.putRetentionPolicy({ logGroupName, retentionInDays: 1 })
  at.clock.advanceTo(at.clock.now() + dayMs + 1)
  await put([event(0, 'new')])
  expect((await at.logs.filterLogEvents({ logGroupName })).events?.map(e => e.message)).toEqual(['new'])
  expect((await at.logs.getLogEvents({ logGroupName, logStreamName })).events?.map(e => e.message)).toEqual([
    'new',
  ])
  expect(await at.logStore.bytesUsed()).toBe(2 * 29)
  await sweepLogs(at.store, at.logStore, at.clock.now())
  expect(await at.logStore.bytesUsed()).toBe(29)
})

test('what is not supported says so by its name', async () => {
  expect(
    await refusal(at.logs.startQuery({ startTime: 0, endTime: 1, queryString: 'x', logGroupName: 'x' })),
  ).toContain('StartQuery')
  expect(await refusal(at.sts.getSessionToken({}))).toContain('GetSessionToken')
})

test('STS says who the caller is', async () => {
  const { $metadata: _, ...root } = await at.sts.getCallerIdentity({})
  expect(root).toEqual({
    Account: '111122223333',
    UserId: '111122223333',
    Arn: 'arn:aws:iam::111122223333:root',
  })
  const other = await new STS(at.clientOptions('AKIAOTHER')).getCallerIdentity({})
  expect([other.Arn, other.UserId]).toEqual(['arn:aws:iam::111122223333:user/AKIAOTHER', 'AIDAEXAMPLE'])
})
