import { execFileSync } from 'node:child_process'
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeContainerInstancesCommand, type Task } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { LocalHosts } from './local-hosts.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

describe('local hosts', () => {
  let berth: Berth
  let tasks: Tasks
  let hosts: LocalHosts
  let definition: string

  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.startAlone({ server: { BERTH_AGENT_START_GRACE_MS: '0' } })
    tasks = new Tasks(berth)
    hosts = new LocalHosts(berth)
    await hosts.run(
      'add',
      '2',
      '--local',
      '--zone',
      'a',
      '--zone',
      'b',
      '--attribute',
      'rack=r1',
      '--image',
      busybox,
    )
    await hosts.run('add', '1', '--local', '--zone', 'c', '--attribute', 'rack=r2')
    definition = await tasks.define([{ cpu: 10, script: untilStopped }])
  })
  afterAll(async () => {
    try {
      await hosts?.removeAll()
      expect(await hosts?.left()).toEqual([])
    } finally {
      await berth?.stop()
    }
  })

  const instanceOf = async (name: string): Promise<string> =>
    (await hosts.host(name)).containerInstanceArn ?? ''

  /** Of which container every task of the service is, by its host. */
  const running = async (service: string, count: number, timeoutMs?: number) => {
    const byArn = new Map(
      (await hosts.list()).map(({ name, containerInstanceArn }) => [containerInstanceArn, name]),
    )
    const found = await tasks.serviceRuns(service, count, () => true, timeoutMs)
    return found.map(task => ({
      arn: task.taskArn ?? '',
      host: byArn.get(task.containerInstanceArn) ?? '',
      container: runtimeIdOf(task),
    }))
  }

  it('are what was asked for: zones in turns, attributes, an engine and an address each', async () => {
    const list = await hosts.list()
    expect(
      list.map(({ name, zone, attributes, state, agentConnected }) => ({
        name,
        zone,
        attributes,
        state,
        agentConnected,
      })),
    ).toEqual([
      { name: 'host-1', zone: 'us-east-1a', attributes: { rack: 'r1' }, state: 'on', agentConnected: true },
      { name: 'host-2', zone: 'us-east-1b', attributes: { rack: 'r1' }, state: 'on', agentConnected: true },
      { name: 'host-3', zone: 'us-east-1c', attributes: { rack: 'r2' }, state: 'on', agentConnected: true },
    ])
    const engines = await Promise.all(
      list.map(({ name }) => hosts.docker(name, 'info', '-f', '{{.ID}} {{.Name}}')),
    )
    expect(new Set(engines.map(line => line.split(' ')[0])).size).toBe(3)
    expect(engines.map(line => line.split(' ')[1])).toEqual(['host-1', 'host-2', 'host-3'])
  })

  it('take tasks by zone and by attribute', async () => {
    // Rebalanced, it would move to hosts that return while other cases look at it.
    await tasks.createService('spread', definition, 3, { availabilityZoneRebalancing: 'DISABLED' })
    expect((await running('spread', 3)).map(({ host }) => host).sort()).toEqual([
      'host-1',
      'host-2',
      'host-3',
    ])
    await tasks.createService('racked', definition, 3, {
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:rack == r2' }],
    })
    expect((await running('racked', 3)).map(({ host }) => host)).toEqual(['host-3', 'host-3', 'host-3'])
    await tasks.deleteService('racked')
  })

  it('reach one another, and a task on one by its published port', async () => {
    const web = await tasks.define([
      {
        script: 'echo hello > /tmp/index.html; exec httpd -f -p 80 -h /tmp',
        portMappings: [{ containerPort: 80, hostPort: 8080 }],
      },
    ])
    const arn = await tasks.run(web, {
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:berth.host == host-2' }],
    })
    await tasks.running(arn)
    const { network, address } = await hosts.host('host-2')
    const ask = () =>
      execFileSync(
        'ip',
        ['netns', 'exec', network, 'curl', '-sf', '--max-time', '2', `http://${address}:8080/`],
        { encoding: 'utf8' },
      )
    expect(
      await eventually(
        'the task answers',
        async () => {
          try {
            return ask()
          } catch {
            return undefined
          }
        },
        10_000,
      ),
    ).toBe('hello\n')
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
  })

  /** Both run it, and the reason why the lost one stopped is ECS's own for an instance that is gone. */
  const stoppedAsGone = async (arn: string): Promise<void> => {
    const task = await tasks.reached(arn, 'STOPPED')
    expect(task).toMatchObject({
      stopCode: 'TerminationNotice',
      stoppedReason: expect.stringMatching(/^Host EC2 \(instance mi-[0-9a-f]{17}\) terminated\.$/),
      connectivity: 'DISCONNECTED',
    })
  }

  it('lose their tasks when the power is cut, and these run elsewhere within seconds of the host being lost', async () => {
    const before = await running('spread', 3)
    const lost = before.find(({ host }) => host === 'host-1')
    const killedAt = Date.now()
    await hosts.run('kill', 'host-1')
    expect(await hosts.host('host-1')).toMatchObject({ state: 'off' })
    await stoppedAsGone(lost?.arn ?? '')
    const lostAt = Date.now()
    expect(lostAt - killedAt).toBeLessThan(13_000)
    const after = await running('spread', 3, 5_000)
    expect(after.every(({ host }) => host !== 'host-1')).toBe(true)
    expect(after.filter(({ arn }) => before.some(task => task.arn === arn))).toHaveLength(2)
  })

  it('join again when the power is back, as the same container instance, with nothing of the lost tasks', async () => {
    const instance = await instanceOf('host-1')
    await hosts.run('restart', 'host-1')
    expect(await hosts.connected('host-1')).toMatchObject({ state: 'on', containerInstanceArn: instance })
    expect(await hosts.containers('host-1')).toEqual([])
    const definition = await tasks.define([{ script: 'exit 3' }])
    const placementConstraints = [{ type: 'memberOf' as const, expression: 'attribute:berth.host == host-1' }]
    const task = await tasks.reached(await tasks.run(definition, { placementConstraints }), 'STOPPED')
    expect(task.containers?.[0]?.exitCode).toBe(3)
  })

  it('lose their tasks when they are cut off, and stop what ran on once they are back', async () => {
    const before = await running('spread', 3)
    const [stray, ...others] = before.filter(({ host }) => host === 'host-2')
    await hosts.run('partition', 'host-2')
    expect(await hosts.host('host-2')).toMatchObject({ state: 'partitioned' })
    await stoppedAsGone(stray?.arn ?? '')
    const after = await running('spread', 3, 5_000)
    expect(after.every(({ host }) => host !== 'host-2')).toBe(true)
    expect(await hosts.containers('host-2')).toEqual(
      expect.arrayContaining([stray, ...others].map(task => task?.container)),
    )
    await hosts.run('heal', 'host-2')
    await hosts.connected('host-2')
    await eventually(
      'the strays are stopped',
      async () => (await hosts.containers('host-2')).length === 0,
      15_000,
    )
    expect((await running('spread', 3)).map(({ arn }) => arn).sort()).toEqual(
      after.map(({ arn }) => arn).sort(),
    )
    expect(await tasks.describe(stray?.arn ?? '')).toMatchObject({ stopCode: 'TerminationNotice' })
  })

  /** Two tasks on host-3, and the machine's number of the second one's process. */
  const twoTasks = async () => {
    const pinned = await tasks.define([{ script: untilStopped }])
    const placementConstraints = [{ type: 'memberOf' as const, expression: 'attribute:berth.host == host-3' }]
    const [survivor, casualty] = await Promise.all(
      [1, 2].map(async () => tasks.running(await tasks.run(pinned, { placementConstraints }))),
    )
    const inner = await hosts.docker('host-3', 'inspect', '-f', '{{.State.Pid}}', runtimeIdOf(casualty))
    const casualtyPid = hosts.outerPid('host-3', await hosts.host('host-3'), Number(inner))
    return { survivor, casualty, casualtyPid }
  }

  const isRunning = async (survivor: Task | undefined): Promise<void> => {
    const adopted = await tasks.describe(survivor?.taskArn ?? '')
    expect(adopted).toMatchObject({
      lastStatus: 'RUNNING',
      containers: [{ runtimeId: runtimeIdOf(survivor) }],
    })
    expect(await hosts.containers('host-3')).toContain(runtimeIdOf(survivor))
  }

  const runsAndStops = async (survivor: Task | undefined): Promise<void> => {
    await isRunning(survivor)
    await tasks.stop(survivor?.taskArn ?? '')
    expect(await tasks.reached(survivor?.taskArn ?? '', 'STOPPED')).toMatchObject({
      stopCode: 'UserInitiated',
      containers: [{ exitCode: 0 }],
    })
  }

  const hasEnded = { stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] }
  let [kept, missed]: (Task | undefined)[] = []

  it('keep their tasks when containerd is killed', async () => {
    const { survivor, casualty, casualtyPid } = await twoTasks()
    kept = survivor
    missed = casualty
    const pid = await hosts.pid('host-3', 'containerd')
    process.kill(pid, 'SIGKILL')
    process.kill(casualtyPid, 'SIGKILL')
    await eventually('another containerd runs', async () =>
      hosts.pid('host-3', 'containerd').then(
        newer => newer !== pid,
        () => false,
      ),
    )
    await isRunning(survivor)
  })

  it.each(['dockerd', 'agent'])(
    'keep their tasks when %s is killed, and tell what ended meanwhile',
    async program => {
      const { survivor, casualty, casualtyPid } = await twoTasks()
      const pid = await hosts.pid('host-3', program)
      process.kill(pid, 'SIGKILL')
      process.kill(casualtyPid, 'SIGKILL')
      expect(await tasks.reached(casualty?.taskArn ?? '', 'STOPPED')).toMatchObject(hasEnded)
      await hosts.connected('host-3')
      expect(await hosts.pid('host-3', program)).not.toBe(pid)
      await runsAndStops(survivor)
    },
  )

  it('are told apart from a copy of themselves, which is refused for as long as they are there', async () => {
    const instance = await instanceOf('host-1')
    await tasks.createService('original', definition, 2, {
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:berth.host == host-1' }],
    })
    const before = await running('original', 2)
    await hosts.run('kill', 'host-2')
    hosts.copyIdentity('host-1', 'host-2')
    await hosts.run('restart', 'host-2')
    await eventually('the copy is refused', async () =>
      /two agents must not share one identity/.test(hosts.agentLog('host-2')),
    )
    expect(hosts.agentLog('host-1')).not.toMatch(/disconnected from the control plane[^\n]*$/)
    expect((await tasks.serviceTasks('original')).map(({ taskArn }) => taskArn).sort()).toEqual(
      before.map(({ arn }) => arn).sort(),
    )
    expect((await hosts.containers('host-1')).sort()).toEqual(
      expect.arrayContaining(before.map(({ container }) => container)),
    )
    const ofOriginal = await hosts.docker(
      'host-2',
      'ps',
      '-aq',
      '--filter',
      'label=com.amazonaws.ecs.container-name=main',
    )
    const { containerInstances } = await berth.ecs.send(
      new DescribeContainerInstancesCommand({ containerInstances: [instance] }),
    )
    expect(containerInstances).toMatchObject([
      { agentConnected: true, runningTasksCount: expect.any(Number) },
    ])
    for (const { container } of before) expect(ofOriginal).not.toContain(container.slice(0, 12))
    await hosts.run('kill', 'host-2')
  })

  it('tell within a minute what ended while containerd was dead, and stop what ran on', async () => {
    // The agent looks each 20 s, and an engine that it has woken waits for another 10 s.
    const task = await tasks.reached(missed?.taskArn ?? '', 'STOPPED', 60_000)
    expect(task.stopCode).toBe(hasEnded.stopCode)
    // Docker says 255 of a process that was gone when it looked again, and 137 where its shim could still tell.
    expect([137, 255]).toContain(task.containers?.[0]?.exitCode)
    await runsAndStops(kept)
  })

  it('join, run tasks and ship logs although their clock is two hours wrong, and the statuses have the right times', async () => {
    const preload = new URL('programs/wrong-clock.ts', import.meta.url).href
    const variables = { NODE_OPTIONS: `--import ${preload}`, TEST_CLOCK_SKEW_MS: String(2 * 3_600_000) }
    await hosts.runWith(variables, 'restart', 'host-3')
    await eventually('its agent has joined', async () =>
      /clock is wrong.*connected to the control plane/s.test(hosts.agentLog('host-3')),
    )
    await hosts.connected('host-3')
    const logGroup = '/wrong-clock'
    const definition = await tasks.define([
      {
        script: 'echo it works',
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': logGroup,
            'awslogs-create-group': 'true',
            'awslogs-region': 'us-east-1',
            'awslogs-stream-prefix': 'a',
          },
        },
      },
    ])
    const placementConstraints = [{ type: 'memberOf' as const, expression: 'attribute:berth.host == host-3' }]
    const before = Date.now()
    const task = await tasks.reached(await tasks.run(definition, { placementConstraints }), 'STOPPED')
    expect(task.containers?.[0]?.exitCode).toBe(0)
    for (const time of [task.createdAt, task.startedAt, task.stoppedAt]) {
      expect(time?.getTime()).toBeGreaterThanOrEqual(before - 1)
      expect(time?.getTime()).toBeLessThanOrEqual(Date.now())
    }
    await eventually('its line is in the log', async () => {
      const { events = [] } = await berth.logs
        .send(new FilterLogEventsCommand({ logGroupName: logGroup }))
        .catch(() => ({ events: [] }))
      return events.some(({ message }) => message === 'it works')
    })
  })
})
