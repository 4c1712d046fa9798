import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ECS, type ServiceDeployment, type Task } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { Tasks, untilStopped } from './tasks.ts'

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`

/** One service, deployed once, sent back once, and deployed again: the real programs, the SDK, and Docker. */
describe('a blue/green service', () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-e2e-strategies-'))
  const hooksFile = join(directory, 'hooks.json')
  /** What the smoke test answers, and what it was sent. */
  let verdict: object = { hookStatus: 'SUCCEEDED' }
  const events: { lifecycleStage: string; resourceArn: string }[] = []
  const hook = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      events.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.end(JSON.stringify(verdict))
    })
  })
  let berth: Berth
  let ecs: ECS
  let tasks: Tasks

  beforeAll(async () => {
    makeBusyboxImage()
    hook.listen(0, '127.0.0.1')
    await once(hook, 'listening')
    const { port } = hook.address() as AddressInfo
    const targets = {
      [functionArn('smoke')]: { url: `http://127.0.0.1:${port}/` },
      [functionArn('migrate')]: { taskDefinition: 'migrate' },
    }
    writeFileSync(hooksFile, JSON.stringify(targets))
    berth = await Berth.start({ server: { BERTH_HOOKS: hooksFile, BERTH_TASK_SETTLE_MS: '100' } })
    ecs = new ECS(berth.clientSettings)
    tasks = new Tasks(berth)
    await tasks.define([{ name: 'web', script: untilStopped }], { family: 'web' })
    await tasks.define([{ name: 'migrate', script: 'exit 0' }], { family: 'migrate' })
  })
  afterAll(async () => {
    await berth?.stop()
    ecs?.destroy()
    hook.closeAllConnections()
    hook.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const current = async (): Promise<ServiceDeployment> => {
    const { services } = await ecs.describeServices({ services: ['web'] })
    const { serviceDeployments } = await ecs.describeServiceDeployments({
      serviceDeploymentArns: [services?.[0]?.currentServiceDeployment ?? ''],
    })
    return serviceDeployments?.[0] ?? {}
  }
  const ended = (status: ServiceDeployment['status']): Promise<ServiceDeployment> =>
    eventually(`the deployment is ${status}`, async () => {
      const deployment = await current()
      return deployment.status === status && deployment
    })
  const runningTasks = async (): Promise<Task[]> => {
    const { taskArns = [] } = await ecs.listTasks({ serviceName: 'web' })
    return taskArns.length > 0 ? ((await ecs.describeTasks({ tasks: taskArns })).tasks ?? []) : []
  }

  it('waits for its hooks and for people, goes back to what has run on, and goes on when it may', async () => {
    const lifecycleHooks = [
      { hookTargetArn: functionArn('migrate'), lifecycleStages: ['PRE_SCALE_UP' as const] },
      { hookTargetArn: functionArn('smoke'), lifecycleStages: ['POST_SCALE_UP' as const] },
      { targetType: 'PAUSE' as const, lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT' as const] },
    ]
    const deploymentConfiguration = { strategy: 'BLUE_GREEN' as const, bakeTimeInMinutes: 0 }
    await ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      deploymentConfiguration,
    })
    await ended('SUCCESSFUL')
    const [blue] = await runningTasks()

    verdict = { hookStatus: 'FAILED', reason: 'It smells.' }
    await ecs.updateService({
      service: 'web',
      forceNewDeployment: true,
      deploymentConfiguration: { lifecycleHooks },
    })
    const refused = await ended('ROLLBACK_SUCCESSFUL')
    expect(refused.statusReason).toBe(
      `Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${functionArn('smoke')} returned FAILED status. It smells.`,
    )
    expect(events).toMatchObject([
      { lifecycleStage: 'POST_SCALE_UP', resourceArn: refused.serviceDeploymentArn },
    ])
    expect((await runningTasks()).map(({ taskArn }) => taskArn)).toEqual([blue?.taskArn])

    verdict = { hookStatus: 'SUCCEEDED' }
    await ecs.updateService({ service: 'web', forceNewDeployment: true })
    const pause = await eventually('the deployment pauses', async () => {
      const { lifecycleHookDetails = [], ...deployment } = await current()
      const hook = lifecycleHookDetails.find(({ status }) => status === 'AWAITING_ACTION')
      return hook && { ...deployment, hookId: hook.hookId ?? '' }
    })
    expect(await runningTasks()).toHaveLength(2)
    await ecs.continueServiceDeployment({
      serviceDeploymentArn: pause.serviceDeploymentArn ?? '',
      hookId: pause.hookId,
    })
    await ended('SUCCESSFUL')
    const green = await runningTasks()
    expect(green).toHaveLength(1)
    expect(green[0]?.taskArn).not.toBe(blue?.taskArn)
    const { taskArns = [] } = await ecs.listTasks({ family: 'migrate', desiredStatus: 'STOPPED' })
    expect(taskArns).toHaveLength(2)
    await tasks.deleteService('web')
  }, 60_000)
})
