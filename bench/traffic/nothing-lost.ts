/** What fails for clients while things change behind a load balancer: nothing should. */
import { execFileSync } from 'node:child_process'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { CreateRuleCommand, DeleteRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Berth, eventually } from '../../test/e2e/berth.ts'
import {
  type Balanced,
  balance,
  createTargetGroup,
  defineResponder,
  family,
  healthyTargets,
  isSteady,
  startService,
} from './balanced-service.ts'
import { responderPort } from './responder-image.ts'
import { wrk } from './wrk.ts'

const connections = 16

/** Loads the load balancer for `seconds`, a little longer than `change` takes; says what failed. */
const during = async (
  name: string,
  { url }: Balanced,
  seconds: number,
  change: () => Promise<void>,
): Promise<void> => {
  const load = wrk(url, seconds, connections)
  const started = performance.now()
  await change()
  const took = (performance.now() - started) / 1_000
  const { requests, failed } = await load
  const note = took > seconds ? ` (THE CHANGE TOOK LONGER THAN THE LOAD)` : ''
  console.log(`${name}: ${failed} of ${requests} requests failed; it took ${took.toFixed(1)} s${note}`)
}

const rolled = async (berth: Berth, service: string): Promise<void> => {
  await berth.ecs.send(new UpdateServiceCommand({ service, forceNewDeployment: true }))
  await eventually(`${service} is rolled`, () => isSteady(berth, service), 180_000)
}

const reloaded = async ({ elbv2, listenerArn, targetGroupArn }: Balanced): Promise<void> => {
  for (let n = 1; n <= 5; n++) {
    const { Rules = [] } = await elbv2.send(
      new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: n,
        Conditions: [{ Field: 'path-pattern', Values: [`/rule-${n}/*`] }],
        Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      }),
    )
    await new Promise(resolve => setTimeout(resolve, 1_000))
    await elbv2.send(new DeleteRuleCommand({ RuleArn: Rules[0]?.RuleArn }))
    await new Promise(resolve => setTimeout(resolve, 1_000))
  }
}

/** As somebody would end a server's process: it is told, and its task with it. */
const terminated = async (balanced: Balanced): Promise<void> => {
  const containers = execFileSync(
    'docker',
    ['ps', '-q', '--filter', `label=com.amazonaws.ecs.task-definition-family=${family}`],
    { encoding: 'utf8' },
  )
  const [victim = ''] = containers.trim().split('\n')
  const before = (await healthyTargets(balanced)).length
  execFileSync('docker', ['kill', '--signal', 'TERM', victim])
  await eventually('another one has taken its place', async () => {
    const healthy = await healthyTargets(balanced)
    return healthy.length === before && !(await isThere(victim))
  })
}

const isThere = async (container: string): Promise<boolean> =>
  execFileSync('docker', ['ps', '-q', '--no-trunc'], { encoding: 'utf8' }).includes(container)

export const nothingLost = async (berth: Berth): Promise<void> => {
  await defineResponder(berth, 'bridge')
  const rolling = await balance(berth, 'rolling', 'instance')
  await startService(berth, rolling, 'rolling', 4)
  await eventually('it is steady', () => isSteady(berth, 'rolling'))
  await during('a rolling deployment', rolling, 60, () => rolled(berth, 'rolling'))
  await during('ten changes of rules', rolling, 15, () => reloaded(rolling))
  await during('a kill -TERM of a target', rolling, 30, () => terminated(rolling))
  await blueGreen(berth)
}

const blueGreen = async (berth: Berth): Promise<void> => {
  await defineResponder(berth, 'awsvpc')
  const balanced = await balance(berth, 'blue-green', 'ip')
  const alternate = await createTargetGroup(balanced.elbv2, balanced.vpcId, 'green', 'ip')
  const { Rules = [] } = await balanced.elbv2.send(
    new CreateRuleCommand({
      ListenerArn: balanced.listenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: balanced.targetGroupArn, Weight: 100 },
              { TargetGroupArn: alternate, Weight: 0 },
            ],
          },
        },
      ],
    }),
  )
  await startService(berth, balanced, 'blue-green', 2, {
    networkConfiguration: { awsvpcConfiguration: { subnets: balanced.subnets } },
    deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
    loadBalancers: [
      {
        targetGroupArn: balanced.targetGroupArn,
        containerName: 'main',
        containerPort: responderPort,
        advancedConfiguration: {
          alternateTargetGroupArn: alternate,
          productionListenerRule: Rules[0]?.RuleArn,
          roleArn: 'arn:aws:iam::000000000000:role/ecsInfrastructureRole',
        },
      },
    ],
  })
  await eventually('it is steady', () => isSteady(berth, 'blue-green'))
  await during('a blue/green deployment', balanced, 60, () => rolled(berth, 'blue-green'))
}
