import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { docker, eventually, freePort, removeNetworks } from './berth.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

describe('the command line', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'berth-e2e-up-'))
  let environment: NodeJS.ProcessEnv
  let sampleUrl: string

  const berth = async (...args: string[]): Promise<Answer> => {
    try {
      const { stdout, stderr } = await run(join(repository, 'berth'), args, { env: environment })
      return { code: 0, stdout, stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as unknown as Answer
      return { code, stdout, stderr }
    }
  }
  const json = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await berth(...args, '--json')).stdout) as T
  const up = (): Promise<Answer> => berth('up', '--detach', '--sample')
  const sampleContainers = async (): Promise<string[]> => {
    const tasks =
      await json<{ group: string; lastStatus: string; containers: { runtimeId: string }[] }[]>('ps')
    return tasks
      .filter(task => task.group === 'service:sample' && task.lastStatus === 'RUNNING')
      .map(task => task.containers[0]?.runtimeId ?? '')
      .sort()
  }

  beforeAll(async () => {
    environment = { ...process.env, BERTH_DATA_DIR: dataDir, BERTH_PORT: String(await freePort()) }
    const answer = await up()
    const shown = answer.stdout.match(/Sample {4}(http:\/\/127\.10\.\d+\.\d+:8080\/)/)
    sampleUrl = shown?.[1] ?? expect.fail(answer.stderr + answer.stdout)
  })
  afterAll(async () => {
    await berth('hosts', 'remove', '--all')
    await berth('down', '--tasks')
    await removeNetworks(join(dataDir, 'agent'))
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('keeps the sample answering while its tasks are killed and rolled', async () => {
    const answers = { good: 0, bad: 0 }
    let asking = true
    const hammer = (async () => {
      while (asking) {
        const good = await fetch(sampleUrl).then(
          response => response.ok,
          () => false,
        )
        if (good) answers.good++
        else answers.bad++
      }
    })()
    try {
      const before = await sampleContainers()
      expect(before).toHaveLength(3)
      await docker('kill', before[0] ?? '')
      await eventually('the killed task is replaced', async () => {
        const now = await sampleContainers()
        return now.length === 3 && !now.includes(before[0] ?? '')
      })
      const { stdout } = await berth('env')
      const variables = Object.fromEntries(
        [...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
      )
      const aws = ['--endpoint-url', variables['AWS_ENDPOINT_URL'] ?? '', 'ecs']
      const env = { ...variables, PATH: '/usr/bin:/bin', HOME: dataDir, AWS_PAGER: '' }
      await run('/usr/bin/aws', [...aws, 'update-service', '--service', 'sample', '--force-new-deployment'], {
        env,
      })
      await run('/usr/bin/aws', [...aws, 'wait', 'services-stable', '--services', 'sample'], { env })
      const after = await sampleContainers()
      expect(after.filter(id => before.includes(id))).toEqual([])
    } finally {
      asking = false
      await hammer
    }
    expect(answers.bad).toBe(0)
    expect(answers.good).toBeGreaterThan(100)
  })

  it('comes up again within seconds, with the tasks that were running still running', async () => {
    const before = await sampleContainers()
    expect((await berth('down')).code).toBe(0)
    expect((await berth('status')).code).toBe(1)
    expect(await docker('inspect', '-f', '{{.State.Running}}', before[0] ?? '')).toBe('true')
    expect((await up()).stdout).toContain(sampleUrl)
    expect(
      await eventually('the tasks are back', async () => {
        const now = await sampleContainers()
        return now.length === 3 && now
      }),
    ).toEqual(before)
    expect((await fetch(sampleUrl)).ok).toBe(true)
  })

  it('switches local hosts off with `down`, of which nothing is left but their disks, and on again with `up`', async () => {
    interface Host {
      readonly state: string
      readonly network: string
      readonly agentConnected?: boolean
      readonly containerInstanceArn?: string
    }
    const [added] = await json<Host[]>('hosts', 'add', '1', '--local')
    expect(added).toMatchObject({ state: 'on', agentConnected: true })
    expect((await berth('down')).stdout).toContain('The local hosts are off until the next `berth up`')
    expect(await json<Host[]>('hosts', 'list')).toMatchObject([{ state: 'off' }])
    expect((await run('ip', ['netns'])).stdout).not.toContain(added?.network)
    expect(
      (await run('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', `${added?.network}*`])).stdout,
    ).toBe('')
    expect((await run('ps', ['ax', '-o', 'args'])).stdout).not.toContain(join(dataDir, 'hosts'))
    expect((await up()).code).toBe(0)
    await eventually('the host is back as the same container instance', async () => {
      const [host] = await json<Host[]>('hosts', 'list')
      return host?.agentConnected === true && host.containerInstanceArn === added?.containerInstanceArn
    })
    expect(await berth('hosts', 'remove', '--all')).toMatchObject({ code: 0 })
    expect(await json<Host[]>('hosts', 'list')).toEqual([])
  })

  it('refuses a second `up` in front, and leaves the first as it is', async () => {
    const answer = await berth('up')
    expect(answer).toMatchObject({ code: 1 })
    expect(answer.stderr).toMatch(/Berth is up already \(process \d+, port \d+\)/)
    expect((await berth('status')).code).toBe(0)
  })

  it('runs a task with a command, and gives the exit code of its container', async () => {
    const answer = await berth('run', 'sample', '--wait', '--', 'sh', '-c', 'exit 7')
    expect(answer.stdout).toMatch(/stopped: Essential container in task exited \(web 7\)/)
    expect(answer.code).toBe(7)
  })

  it('shows the logs of a service, and its events', async () => {
    await eventually('requests are in the logs', async () =>
      (await berth('logs', 'sample')).stdout.includes('response:200'),
    )
    expect((await berth('events', 'sample')).stdout).toMatch(
      /\(service sample\) has reached a steady state\./,
    )
    expect((await berth('logs', 'nothing')).code).toBe(1)
  })

  it('stops a task by its id', async () => {
    const [id = ''] = (await berth('run', 'sample')).stdout.trim().split('\n')
    expect((await berth('stop', id, '--reason', 'by hand')).stdout).toContain(`Told ${id} to stop.`)
    await eventually('the task is STOPPED', async () => {
      const tasks = await json<{ taskArn: string; stoppedReason?: string; lastStatus: string }[]>(
        'ps',
        '--all',
      )
      return tasks.some(
        task =>
          task.taskArn.endsWith(id) && task.lastStatus === 'STOPPED' && task.stoppedReason === 'by hand',
      )
    })
  })

  it('writes a profile of its own that only its owner can read, with tables and JSON of the same facts', async () => {
    expect(statSync(join(dataDir, 'aws/credentials')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir, 'credentials.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dataDir, 'aws/config'), 'utf8')).toContain(
      `endpoint_url = http://127.0.0.1:${environment['BERTH_PORT']}`,
    )
    expect((await berth('ps')).stdout).toMatch(/^TASK +SERVICE +DEFINITION +STATUS +HEALTH +HOST/)
    const { stdout } = await berth('status')
    expect(stdout).toMatch(/^sample +default +sample:1 +3\/3/m)
    expect(stdout).toMatch(
      /^sample +active +127\.10\.\d+\.\d+ +sample-\d+\.us-east-1\.elb\.berth\.internal$/m,
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no colour where there is no terminal
    expect((await berth('ps')).stdout).not.toMatch(/\u001b/)
  })

  it('backs up while it runs, and restores into another directory as another incarnation', async () => {
    const file = join(dataDir, 'copy.db')
    expect(await berth('backup', file)).toMatchObject({ code: 0 })
    expect(existsSync(file)).toBe(true)
    expect(await berth('backup', file)).toMatchObject({ code: 1 })
    const other = join(dataDir, 'restored')
    expect(await berth('restore', file, '--data-dir', other)).toMatchObject({ code: 0 })
    expect((await berth('restore', file)).stderr).toContain('in use by another Berth server')
  })

  it.each([
    [['nonsense'], 2, 'there is no command nonsense'],
    [['ps', '--nope'], 2, "Unknown option '--nope'"],
    [['stop'], 2, 'Wrong number of arguments.'],
    [['hosts', 'add', '2'], 2, 'Hosts are added on this machine with --local'],
    [['hosts', 'add', 'many', '--local'], 2, 'Say how many hosts'],
    [['hosts', 'kill'], 2, 'Name hosts, or say --all.'],
    [['hosts', 'kill', 'host-9'], 1, 'There is no local host host-9; there are none.'],
    [['hosts', 'add', '1', '--local', '--cluster', 'nope'], 1, 'There is no cluster nope.'],
    [['hosts', 'add', '1', '--local', '--image', 'no/such:1'], 1, 'does not have no/such:1'],
    [['stop', 'abc'], 1, 'InvalidParameterException'],
    [['run', 'no-such-family'], 1, 'ClientException'],
  ])('answers %j with exit code %i and a sentence', async (args, code, message) => {
    const answer = await berth(...args)
    expect(answer.stderr).toContain(message)
    expect(answer.code).toBe(code)
  })
})
