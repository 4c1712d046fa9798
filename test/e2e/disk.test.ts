import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort } from './berth.ts'
import { ServerProcess, type ServerSettings } from './server-process.ts'
import { connectHost, registerHost } from './simulated-agent.ts'

const mib = 1024 * 1024
const nearlyFull =
  'The disk of the control plane is nearly full: until space is freed, only reads, stops and deletes are taken.'

/** A data directory on a disk of its own in memory, with a file that leaves as much free as is wanted. */
class SmallDisk {
  readonly directory = mkdtempSync(join(tmpdir(), 'berth-disk-'))
  readonly #ballast = join(this.directory, 'ballast')

  constructor(sizeMib: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=700`, 'tmpfs', this.directory])
  }

  get freeMib(): number {
    const { bavail, bsize } = statfsSync(this.directory)
    return (bavail * bsize) / mib
  }

  leave(wantedMib: number): void {
    rmSync(this.#ballast, { force: true })
    const length = Math.floor(this.freeMib - wantedMib)
    if (length > 0) execFileSync('fallocate', ['-l', `${length}MiB`, this.#ballast])
  }

  /** To the last byte: in pages, because a file of pages may not fit as a whole. */
  fill(): void {
    const page = Buffer.alloc(4096)
    try {
      for (;;) writeFileSync(this.#ballast, page, { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  remove(): void {
    execFileSync('umount', [this.directory])
    rmdirSync(this.directory)
  }
}

/** The name and message of what a call is refused with. */
const refusal = async (call: Promise<unknown>): Promise<{ name: string; message: string; status?: number }> =>
  call.then(
    () => ({ name: 'accepted', message: '' }),
    (error: Error) => ({
      name: error.name,
      message: error.message,
      status: (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0,
    }),
  )

describe('a disk that fills up', () => {
  let disk: SmallDisk
  let settings: ServerSettings
  let server: ServerProcess
  beforeAll(async () => {
    disk = new SmallDisk(1300)
    settings = { port: await freePort(), dataDir: disk.directory }
    server = await ServerProcess.start(settings)
  })
  afterAll(async () => {
    await server?.end()
    disk.remove()
  })

  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(await server.metrics())?.[1])
  const level = (wanted: 0 | 1 | 2): Promise<true> =>
    eventually(
      `the level of the disk is ${wanted}`,
      async () => (await metric('berth_disk_level')) === wanted,
    )

  const putLine = (message: string) =>
    server.logs().send(
      new PutLogEventsCommand({
        logGroupName: 'disk',
        logStreamName: 'stream',
        logEvents: [{ message, timestamp: Date.now() }],
      }),
    )
  const lines = async () => {
    const { events = [] } = await server
      .logs()
      .send(new GetLogEventsCommand({ logGroupName: 'disk', logStreamName: 'stream', startFromHead: true }))
    return events.map(({ message }) => message)
  }
  const createCluster = (clusterName: string) => server.ecs().send(new CreateClusterCommand({ clusterName }))
  const createService = (serviceName: string) =>
    server.ecs().send(
      new CreateServiceCommand({
        serviceName,
        taskDefinition: 'sleeper',
        desiredCount: 0,
        launchType: 'EC2',
      }),
    )
  let task: string

  it('takes everything while there is room', async () => {
    const ecs = server.ecs()
    await level(0)
    expect(await metric('berth_disk_free_bytes')).toBeGreaterThan(1024 * mib)
    await ecs.send(new CreateClusterCommand({}))
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'sleeper',
        containerDefinitions: [{ name: 'main', image: 'none', memory: 6 }],
      }),
    )
    await server.logs().send(new CreateLogGroupCommand({ logGroupName: 'disk' }))
    await server.logs().send(new CreateLogStreamCommand({ logGroupName: 'disk', logStreamName: 'stream' }))
    await putLine('with room')
    await createService('early')
    await createCluster('early')
    await connectHost(server.endpoint, await registerHost(ecs))
    const { tasks = [] } = await ecs.send(new RunTaskCommand({ taskDefinition: 'sleeper' }))
    task = tasks[0]?.taskArn ?? 'none was run'
  })

  it('below 1 GiB refuses log events, to be sent again, and takes all else', async () => {
    disk.leave(900)
    await level(1)
    expect(await refusal(putLine('refused'))).toEqual({
      name: 'ServiceUnavailableException',
      message: 'The disk is nearly full: no log events are taken until space is freed.',
      status: 503,
    })
    expect(await lines()).toEqual(['with room'])
    await createCluster('without-logs')
    await createService('without-logs')
  })

  it('below 256 MiB refuses mutations, but neither reads nor stops nor deletes', async () => {
    disk.leave(150)
    await level(2)
    const ecs = server.ecs()
    const refused = { name: 'ServiceUnavailableException', message: nearlyFull, status: 503 }
    expect(await refusal(createCluster('refused'))).toEqual(refused)
    expect(await refusal(createService('refused'))).toEqual(refused)
    expect(await refusal(ecs.send(new RunTaskCommand({ taskDefinition: 'sleeper' })))).toEqual(refused)
    const update = new UpdateServiceCommand({ service: 'early', desiredCount: 1 })
    expect(await refusal(ecs.send(update))).toEqual(refused)
    expect(await refusal(putLine('refused'))).toMatchObject({ name: 'ServiceUnavailableException' })
    // The reserve was given up.
    expect(disk.freeMib).toBeGreaterThan(200)

    await ecs.send(new StopTaskCommand({ task }))
    const { tasks } = await ecs.send(new DescribeTasksCommand({ tasks: [task] }))
    expect(tasks?.[0]).toMatchObject({ desiredStatus: 'STOPPED' })
    await ecs.send(new DeleteServiceCommand({ service: 'early' }))
    await ecs.send(new DeleteClusterCommand({ cluster: 'early' }))
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'sleeper:1' }))
    const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: ['early'] }))
    expect(clusters?.[0]).toMatchObject({ status: 'INACTIVE' })
  })

  it('takes everything again once there is room, and keeps a reserve again', async () => {
    disk.leave(1300)
    await level(0)
    await createCluster('after')
    await putLine('after')
    expect(await lines()).toEqual(['with room', 'after'])
    await eventually('the reserve is held', async () => disk.freeMib < 1300 - 64)
  })

  it('when full to the last byte ends with a sentence, and loses nothing that was acknowledged', async () => {
    const acknowledged: string[] = []
    disk.leave(300)
    const ended = server.ended()
    await level(1)
    disk.fill()
    const working = (async () => {
      for (let n = 0; ; n++) {
        await createCluster(`full-${n}`)
        acknowledged.push(`full-${n}`)
      }
    })()
    expect(await refusal(working)).not.toMatchObject({ name: 'accepted' })
    expect(await ended).toBe(1)
    expect(server.stderr).toContain(
      `berth server: The disk of ${disk.directory} is full: free some space there, then start Berth again.`,
    )
    expect(server.stderr).not.toContain('    at ')

    disk.leave(1300)
    server = await ServerProcess.start(settings)
    const { clusterArns = [] } = await server.ecs().send(new ListClustersCommand({}))
    const names = clusterArns.map(arn => arn.split('/')[1])
    expect(names).toEqual(expect.arrayContaining(['default', 'without-logs', 'after', ...acknowledged]))
    expect(names).not.toContain('early')
    expect(await lines()).toEqual(['with room', 'after'])
    await server.logs().send(new DeleteLogGroupCommand({ logGroupName: 'disk' }))
  })

  it('says so when it is full at the start, and starts when it is not', async () => {
    expect(await server.end('SIGTERM')).toBe(0)
    rmSync(join(disk.directory, 'berth.reserve'), { force: true })
    disk.fill()
    const refused = new ServerProcess(settings)
    expect(await refused.ended()).toBe(1)
    expect(refused.stderr).toContain(`The disk of ${disk.directory} is full`)
    expect(refused.stderr).not.toContain('    at ')
    disk.leave(1300)
    server = await ServerProcess.start(settings)
    await createCluster('in-the-end')
  })
})
