/** The agent's program on the real Docker Engine, with a control plane of a few lines at the other end of the wire. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PayloadContainer, PayloadTask } from '@berth/model'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ControlPlane, clusterArn, instanceArn } from './agent-control-plane.ts'
import { AgentProcess } from './agent-process.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'

const family = `agent-engine-${process.pid}`

const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim()
const ours = (): string[] =>
  docker('ps', '-aq', '--filter', `label=com.amazonaws.ecs.task-definition-family=${family}`)
    .split('\n')
    .filter(Boolean)

const container = (members: Partial<PayloadContainer> = {}): PayloadContainer => ({
  name: 'app',
  image: busybox,
  essential: true,
  cpu: 0,
  memory: 32,
  command: ['sleep', '600'],
  stopTimeout: 1,
  containerArn: 'arn:aws:ecs:us-east-1:000000000000:container/default/0/0',
  ...members,
})

const task = (
  containers: PayloadContainer[] = [container()],
  members: Partial<PayloadTask> = {},
): PayloadTask => ({
  arn: `arn:aws:ecs:us-east-1:000000000000:task/default/${randomUUID()}`,
  taskClusterArn: clusterArn,
  desiredStatus: 'RUNNING',
  family,
  version: '1',
  overrides: '{}',
  containers,
  ...members,
})

const shell = (script: string): Partial<PayloadContainer> => ({ command: ['sh', '-c', script] })

describe('the agent on Docker', () => {
  const controlPlane = new ControlPlane()
  const agent = new AgentProcess(() => controlPlane.endpoint, { BERTH_INSTANCE_ATTRIBUTES: 'rack=1' })

  beforeAll(async () => {
    makeBusyboxImage()
    await controlPlane.listen()
    agent.start()
  })

  afterEach(() => {
    const left = ours()
    if (left.length > 0) docker('rm', '-f', ...left)
  })

  afterAll(async () => {
    await agent.remove()
    controlPlane.close()
  })

  it('registers the host with its resources', async () => {
    await controlPlane.until(() => controlPlane.registrations.length > 0)
    const names = controlPlane.registrations[0]?.totalResources.map(({ name }) => name)
    expect(names).toEqual(['CPU', 'MEMORY', 'PORTS', 'PORTS_UDP'])
  })

  it('runs a task on a host port that Docker chose, and stops it', async () => {
    const portMappings = [{ containerPort: 80, hostPort: 0, protocol: 'tcp' as const }]
    const given = task([container({ portMappings })])
    await controlPlane.give(given)
    const running = await controlPlane.reached(given.arn, 'RUNNING')
    const [told] = running.containers
    expect(told?.networkBindings?.[0]).toMatchObject({
      bindIP: '0.0.0.0',
      containerPort: 80,
      protocol: 'tcp',
    })
    expect(docker('port', told?.runtimeId ?? '', '80/tcp')).toContain(
      `0.0.0.0:${told?.networkBindings?.[0]?.hostPort}`,
    )
    await controlPlane.give({ ...given, desiredStatus: 'STOPPED' })
    const stopped = await controlPlane.reached(given.arn, 'STOPPED')
    expect(stopped.containers[0]).toMatchObject({ status: 'STOPPED', exitCode: 137 })
    expect(controlPlane.of(given.arn).map(({ status }) => status)).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
  })

  it('gives environment, user, directory and labels, and lets the process end on SIGTERM', async () => {
    const given = task([
      container({
        ...shell(
          'trap "exit 9" TERM; test "$COLOUR" = blue && test "$(pwd)" = /tmp && while :; do sleep 0.05; done',
        ),
        environment: { COLOUR: 'blue' },
        stopTimeout: 20,
        definition: { workingDirectory: '/tmp', user: '1000', dockerLabels: { team: 'a' } },
      }),
    ])
    await controlPlane.give(given)
    const running = await controlPlane.reached(given.arn, 'RUNNING')
    const id = running.containers[0]?.runtimeId ?? ''
    expect(
      docker('inspect', '-f', '{{.Config.User}} {{index .Config.Labels "team"}} {{.HostConfig.Memory}}', id),
    ).toBe('1000 a 33554432')
    await controlPlane.give({ ...given, desiredStatus: 'STOPPED' })
    const stopped = await controlPlane.reached(given.arn, 'STOPPED')
    expect(stopped.containers[0]).toMatchObject({ exitCode: 9 })
  })

  it('starts a container once the health check of another passes', async () => {
    const healthCheck = { command: ['CMD', 'true'], interval: 1, timeout: 1, retries: 1, startPeriod: 0 }
    const given = task([
      container({ name: 'db', definition: { healthCheck } }),
      container({ dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }], ...shell('exit 4') }),
    ])
    await controlPlane.give(given)
    const stopped = await controlPlane.reached(given.arn, 'STOPPED')
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited' })
    const told = controlPlane.of(given.arn).flatMap(({ containers }) => containers)
    expect(told).toContainEqual(expect.objectContaining({ containerName: 'db', healthStatus: 'HEALTHY' }))
    expect(told).toContainEqual(expect.objectContaining({ containerName: 'app', exitCode: 4 }))
  })

  it('says OutOfMemoryError of a container that the kernel killed', async () => {
    const given = task([container({ memory: 8, ...shell('x=a; while :; do x=$x$x; done') })])
    await controlPlane.give(given)
    const stopped = await controlPlane.reached(given.arn, 'STOPPED')
    expect(stopped.containers[0]).toMatchObject({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    })
  })

  it('reports a registry that refuses, and a command that does not exist', async () => {
    const unreachable = task([container({ image: '127.0.0.1:9/no/such:1' })])
    const wrong = task([container({ command: ['no-such-command'] })], { networkMode: 'none' })
    const startedAt = performance.now()
    await controlPlane.give(unreachable, wrong)
    const refused = await controlPlane.reached(unreachable.arn, 'STOPPED')
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(refused.stopCode).toBe('TaskFailedToStart')
    expect(refused.reason).toMatch(
      /^CannotPullContainerError: .*127\.0\.0\.1:9\/no\/such:1, registry 127\.0\.0\.1:9/,
    )
    const failed = await controlPlane.reached(wrong.arn, 'STOPPED')
    expect(failed.reason).toMatch(/^CannotStartContainerError: Error response from daemon: /)
  })

  it('adopts containers after it was killed, and reports what ended meanwhile', async () => {
    const survivor = task()
    const victim = task([container()], { networkMode: 'host' })
    await controlPlane.give(survivor, victim)
    await controlPlane.reached(survivor.arn, 'RUNNING')
    const running = await controlPlane.reached(victim.arn, 'RUNNING')
    await agent.end('SIGKILL')
    docker('kill', running.containers[0]?.runtimeId ?? '')
    agent.start()
    const stopped = await controlPlane.reached(victim.arn, 'STOPPED')
    expect(stopped.containers[0]).toMatchObject({ exitCode: 137 })
    expect(controlPlane.registrations.at(-1)?.containerInstanceArn).toBe(instanceArn)
    // Once more only when the agent died before it had written the acknowledgement down.
    expect(new Set(controlPlane.of(survivor.arn).map(({ status }) => status))).toEqual(new Set(['RUNNING']))
    await controlPlane.give({ ...survivor, desiredStatus: 'STOPPED' })
    await controlPlane.reached(survivor.arn, 'STOPPED')
  })

  it('sends again after its restart what was never acknowledged', async () => {
    controlPlane.acknowledges = false
    const given = task()
    await controlPlane.give(given)
    await controlPlane.reached(given.arn, 'RUNNING')
    controlPlane.acknowledges = true
    const before = controlPlane.of(given.arn).length
    await agent.end('SIGKILL')
    agent.start()
    await controlPlane.until(() => controlPlane.of(given.arn).length > before)
    expect(controlPlane.of(given.arn).at(-1)?.status).toBe('RUNNING')
  })

  it('runs a container again that ended while no agent ran, and not when it ran for less than its policy says', async () => {
    const given = task([
      container({
        ...shell('test -e /ran && exit 3; touch /ran; sleep 3; exit 1'),
        restartPolicy: { enabled: true, restartAttemptPeriod: 2, ignoredExitCodes: [0] },
      }),
    ])
    await controlPlane.give(given)
    const running = await controlPlane.reached(given.arn, 'RUNNING')
    const id = running.containers[0]?.runtimeId ?? ''
    const startedAt = () => docker('inspect', '-f', '{{.State.StartedAt}}', id)
    const first = startedAt()
    await agent.end('SIGKILL')
    expect(docker('wait', id)).toBe('1')
    agent.start()
    const stopped = await controlPlane.reached(given.arn, 'STOPPED')
    expect(stopped.containers[0]).toMatchObject({ status: 'STOPPED', exitCode: 3 })
    expect(startedAt()).not.toBe(first)
  })

  it('leaves its containers running when it is told to end', async () => {
    const given = task()
    await controlPlane.give(given)
    const running = await controlPlane.reached(given.arn, 'RUNNING')
    expect(await agent.end('SIGTERM')).toBe(0)
    expect(docker('inspect', '-f', '{{.State.Running}}', running.containers[0]?.runtimeId ?? '')).toBe('true')
    expect(existsSync(join(agent.dataDirectory, 'agent.db'))).toBe(true)
  })
})
