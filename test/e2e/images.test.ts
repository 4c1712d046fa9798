import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually, root } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { Registry } from './registry.ts'
import { SlowLine } from './slow-line.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const hosts = ['keyless', 'wrong', 'always', 'once', 'cached', 'cleaner', 'stall'] as const

describe('images of a private registry', () => {
  let registry: Registry
  let plain: Registry
  let slowly: SlowLine
  let berth: Berth
  let tasks: Tasks

  beforeAll(async () => {
    makeBusyboxImage()
    registry = await Registry.start()
    plain = await Registry.start('plain')
    slowly = await SlowLine.open(plain.host, 600_000)
    const [key] = Object.values(JSON.parse(registry.authData))
    const keyed = {
      BERTH_ENGINE_AUTH_TYPE: 'dockercfg',
      BERTH_ENGINE_AUTH_DATA: JSON.stringify({ [registry.host]: key, [slowly.host]: key }),
    }
    const wrong = JSON.stringify({ [plain.host]: { username: 'berth', password: 'wrong' } })
    const variables: Record<(typeof hosts)[number], NodeJS.ProcessEnv> = {
      keyless: {},
      wrong: { BERTH_ENGINE_AUTH_TYPE: 'docker', BERTH_ENGINE_AUTH_DATA: wrong },
      always: { ...keyed, BERTH_IMAGE_PULL_BEHAVIOR: 'always' },
      once: { ...keyed, BERTH_IMAGE_PULL_BEHAVIOR: 'once' },
      cached: { ...keyed, BERTH_IMAGE_PULL_BEHAVIOR: 'prefer-cached' },
      cleaner: {
        ...keyed,
        BERTH_TASK_CLEANUP_SECONDS: '1',
        BERTH_IMAGE_CLEANUP_INTERVAL_SECONDS: '1',
        BERTH_IMAGE_MINIMUM_CLEANUP_AGE_SECONDS: '2',
      },
      stall: { BERTH_IMAGE_PULL_INACTIVITY_SECONDS: '2' },
    }
    berth = await Berth.start({ agent: keyed })
    for (const host of hosts) await berth.startAgent(host, variables[host])
    tasks = new Tasks(berth)
  })
  afterAll(async () => {
    await berth?.stop()
    await registry?.stop()
    slowly?.close()
    await plain?.stop()
  })

  const at = (host: 'agent' | (typeof hosts)[number]) => ({
    placementConstraints: [{ type: 'memberOf' as const, expression: `attribute:host == ${host}` }],
  })
  const define = (name: string) => tasks.define([{ image: `${registry.host}/${name}`, script: untilStopped }])
  const runAt = async (host: Parameters<typeof at>[0], definition: string) => tasks.run(definition, at(host))
  const runningAt = async (host: Parameters<typeof at>[0], definition: string) =>
    tasks.running(await runAt(host, definition))
  const stop = async (arn: string | undefined) => {
    await tasks.stop(arn ?? '')
    await tasks.reached(arn ?? '', 'STOPPED')
  }
  const contentOf = (task: Parameters<typeof runtimeIdOf>[0]) =>
    docker('inspect', '-f', '{{index .Config.Labels "berth-test"}}', runtimeIdOf(task))

  it("are pulled with the host's key, and the task shows their digest", async () => {
    const digest = await registry.push('team/private:1', 'private')
    const task = await runningAt('agent', await define('team/private:1'))
    expect(task.containers?.[0]).toMatchObject({
      image: `${registry.host}/team/private:1`,
      imageDigest: digest,
    })
    await stop(task.taskArn)
  })

  it('are refused within five seconds without a key, and with a wrong one', async () => {
    await plain.push('team/refused:1', 'refused')
    const image = `${plain.host}/team/refused:1`
    const definition = await tasks.define([{ image }])
    for (const [host, reason] of [
      ['keyless', 'no basic auth credentials'],
      ['wrong', 'unauthorized: authentication required'],
    ] as const) {
      const asked = performance.now()
      const stopped = await tasks.reached(await runAt(host, definition), 'STOPPED')
      expect(performance.now() - asked).toBeLessThan(5_000)
      expect(stopped.stopCode).toBe('TaskFailedToStart')
      expect(stopped.stoppedReason).toMatch(/^CannotPullContainerError: Error response from daemon: /)
      expect(stopped.stoppedReason).toContain(reason)
      expect(stopped.stoppedReason).toContain(`(image ${image}, registry ${plain.host})`)
    }
  })

  it('are pulled with the key of the task, which its execution role may read', async () => {
    await registry.push('team/owned:1', 'owned')
    const secrets = new SecretsManager({ endpoint: berth.endpoint, region: 'us-east-1', credentials: root })
    const run = async (SecretString: string) => {
      const { ARN = '' } = await secrets.createSecret({ Name: `registry-${randomUUID()}`, SecretString })
      const definition = await tasks.define(
        [
          {
            image: `${registry.host}/team/owned:1`,
            script: untilStopped,
            repositoryCredentials: { credentialsParameter: ARN },
          },
        ],
        { executionRoleArn: 'arn:aws:iam::000000000000:role/execution' },
      )
      return runAt('keyless', definition)
    }
    const refused = await tasks.reached(await run('hush'), 'STOPPED')
    expect(refused.stoppedReason).toMatch(
      /^ResourceInitializationError: unable to pull secrets or registry auth: the secret arn:.* must be JSON/,
    )
    const wrong = await tasks.reached(await run('{"username":"berth","password":"wrong"}'), 'STOPPED')
    expect(wrong.stoppedReason).toMatch(/^CannotPullContainerError: /)
    const task = await tasks.running(await run('{"username":"berth","password":"right"}'))
    expect(await contentOf(task)).toBe('owned')
    await stop(task.taskArn)
  })

  it('follow their tag by default, and use what is there when the registry refuses', async () => {
    await registry.push('team/moving:1', 'first')
    const definition = await define('team/moving:1')
    const first = await runningAt('agent', definition)
    expect(await contentOf(first)).toBe('first')
    await stop(first.taskArn)
    await registry.push('team/moving:1', 'second')
    const second = await runningAt('agent', definition)
    expect(await contentOf(second)).toBe('second')
    await stop(second.taskArn)
    // The same engine holds it; this agent has no key.
    const cached = await runningAt('keyless', definition)
    expect(await contentOf(cached)).toBe('second')
    await stop(cached.taskArn)
  })

  it('are asked for as the behaviour says: always, once, prefer-cached', async () => {
    await registry.push('team/behaving:1', 'first')
    const definition = await define('team/behaving:1')
    for (const host of ['once', 'cached', 'always'] as const) {
      const task = await runningAt(host, definition)
      expect(await contentOf(task)).toBe('first')
      await stop(task.taskArn)
    }
    const image = `${registry.host}/team/behaving:1`
    const id = await docker('image', 'inspect', '-f', '{{.Id}}', image)
    await docker('tag', id, 'berth-test/kept:1')
    await registry.push('team/behaving:1', 'second')
    await docker('tag', id, image)
    await docker('rmi', 'berth-test/kept:1')
    for (const [host, content] of [
      ['once', 'first'],
      ['cached', 'first'],
      ['always', 'second'],
    ] as const) {
      const task = await runningAt(host, definition)
      expect(await contentOf(task), host).toBe(content)
      await stop(task.taskArn)
    }
  })

  it('are pulled once for all the tasks that start together', async () => {
    await registry.push('team/shared:1', 'shared')
    const since = await docker('info', '-f', '{{.SystemTime}}')
    const { tasks: started = [] } = await tasks.request(await define('team/shared:1'), {
      count: 4,
      ...at('agent'),
    })
    for (const { taskArn = '' } of started) await tasks.running(taskArn)
    const until = await docker('info', '-f', '{{.SystemTime}}')
    const image = `${registry.host}/team/shared:1`
    const filters = ['--filter', 'event=pull', '--filter', `image=${image}`]
    const pulls = await docker('events', '--since', since, '--until', until, ...filters)
    expect(pulls.split('\n')).toHaveLength(1)
    for (const { taskArn } of started) await stop(taskArn)
  })

  it('are one for all tasks of a deployment, also when the tag moves; a forced deployment takes the new one', async () => {
    const digest = await registry.push('team/pinned:1', 'first')
    const definition = await define('team/pinned:1')
    await tasks.createService('pinned', definition, 2, at('agent'))
    const isFirst = (task: Parameters<typeof runtimeIdOf>[0]) => task?.containers?.[0]?.imageDigest === digest
    await tasks.serviceRuns('pinned', 2, isFirst)
    const moved = await registry.push('team/pinned:1', 'second')
    await berth.ecs.send(new UpdateServiceCommand({ service: 'pinned', desiredCount: 4 }))
    const grown = await tasks.serviceRuns('pinned', 4, isFirst)
    for (const task of grown) {
      expect(await contentOf(task)).toBe('first')
      expect(task.containers?.[0]?.image).toBe(`${registry.host}/team/pinned:1`)
    }
    await berth.ecs.send(new UpdateServiceCommand({ service: 'pinned', forceNewDeployment: true }))
    const renewed = await tasks.serviceRuns('pinned', 4, task => task.containers?.[0]?.imageDigest === moved)
    for (const task of renewed) expect(await contentOf(task)).toBe('second')
    await tasks.deleteService('pinned')
  })

  it('are seen to arrive by berth ps', async () => {
    await plain.push('team/slow:1', 'slow', 3_000_000)
    const image = `${slowly.host}/team/slow:1`
    const arn = await runAt('agent', await tasks.define([{ image, script: untilStopped }]))
    await eventually('berth ps says how far the pull is', async () =>
      /PENDING .*pulling [0-2]\.\d of 3\.\d MB/.test((await berth.command('ps')).stdout),
    )
    await tasks.running(arn)
    await stop(arn)
    await docker('rmi', '-f', image)
  })

  it('are given up when the registry says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    try {
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const definition = await tasks.define([{ image: `127.0.0.1:${port}/team/silent:1` }])
      const stopped = await tasks.reached(await runAt('stall', definition), 'STOPPED', 8_000)
      expect(stopped.stoppedReason).toBe(
        `CannotPullContainerError: inactivity time exceeded timeout while pulling image (image 127.0.0.1:${port}/team/silent:1, registry 127.0.0.1:${port})`,
      )
    } finally {
      silent.close()
    }
  })

  it('are removed when nothing uses them, unless somebody else brought them', async () => {
    await registry.push('team/unused:1', 'unused')
    await registry.push('team/byhand:1', 'byhand')
    await registry.pull('team/byhand:1')
    const held = async (name: string) =>
      (await docker('images', '-q', `${registry.host}/${name}`).catch(() => '')) !== ''
    for (const name of ['team/unused:1', 'team/byhand:1']) {
      const { taskArn } = await runningAt('cleaner', await define(name))
      expect(await held(name)).toBe(true)
      await stop(taskArn)
    }
    await eventually('the unused image is gone', async () => !(await held('team/unused:1')), 20_000)
    expect(await held('team/byhand:1')).toBe(true)
    await registry.remove('team/byhand:1')
  })
})
