/** Somebody who has load balancers, some of them for a while only, and services behind the one that stays. */
import type {
  CreateListenerOutput,
  CreateLoadBalancerOutput,
  CreateTargetGroupOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { vpcId, wideConfiguration, wideSubnets } from '../servers/given-network.ts'
import type { Caller } from './caller.ts'
import { FRONT_PORT } from './families.ts'

/** Of tasks with ports of their hosts, and of tasks with interfaces of their own. */
export const balancedServices = ['balanced', 'networked'] as const
type Name = (typeof balancedServices)[number]

/** So many load balancers come and go in a cluster, beside the one that stays. */
const MOST_PASSING = 2

/** What a service with a deployment strategy has of the load balancer that stays. */
export interface ShiftedGroups {
  readonly targetGroupArn: string
  readonly alternateTargetGroupArn: string
  readonly productionListenerRule: string
  readonly testListenerRule: string
}

export class BalancedCaller {
  readonly #caller: Caller
  readonly #groups = new Map<string, string>()
  readonly #created = new Set<Name>()
  readonly #passing: { name: string; arn: string }[] = []
  #made = 0
  #shifted: ShiftedGroups | undefined

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** There once `prepare` has been called. */
  get shifted(): ShiftedGroups | undefined {
    return this.#shifted
  }

  /** The load balancer that stays, its listeners, and their target groups. */
  async prepare(): Promise<void> {
    const { cluster } = this.#caller
    const loadBalancerArn = await this.#create(`${cluster}-front`)
    const group = (name: string, type: string) => this.#createGroup(`${cluster}-${name}`, type)
    this.#groups.set('balanced', await group('balanced', 'instance'))
    this.#groups.set('networked', await group('networked', 'ip'))
    const [blue, green] = [await group('blue', 'instance'), await group('green', 'instance')]
    await this.#listen(loadBalancerArn, 80, this.#groups.get('balanced') ?? '')
    await this.#listen(loadBalancerArn, 81, this.#groups.get('networked') ?? '')
    this.#shifted = {
      targetGroupArn: blue,
      alternateTargetGroupArn: green,
      productionListenerRule: await this.#listen(loadBalancerArn, 82, blue),
      testListenerRule: await this.#listen(loadBalancerArn, 83, blue),
    }
  }

  async change(): Promise<void> {
    const { random } = this.#caller.world
    const deed = random.pick(['scale', 'deploy', 'deploy', 'make', 'make', 'unmake', 'wait'] as const)
    if (deed === 'make') await this.#make()
    else if (deed === 'unmake') await this.#unmake()
    else if (deed !== 'wait') await this.#update(random.pick(balancedServices), deed)
  }

  async #update(name: Name, deed: 'scale' | 'deploy'): Promise<void> {
    const { client, cluster, definitions, size, world } = this.#caller
    const { random } = world
    const taskDefinition = name === 'networked' ? definitions.networkedFront : random.pick(definitions.fronts)
    const desiredCount = random.integer(1, Math.min(3, size.mostTasks))
    const chosen = { taskDefinition, desiredCount }
    if (this.#created.has(name)) {
      const change = deed === 'scale' ? { desiredCount } : { taskDefinition, forceNewDeployment: true }
      await client.call('UpdateService', { cluster, service: name, ...change })
      return
    }
    await client.certainly('CreateService', {
      ...{ cluster, serviceName: name, ...chosen },
      ...(name === 'networked' && { networkConfiguration: wideConfiguration }),
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 200 },
      loadBalancers: [
        { targetGroupArn: this.#groups.get(name), containerName: 'main', containerPort: FRONT_PORT },
      ],
      healthCheckGracePeriodSeconds: random.pick([0, 0, 8]),
      clientToken: `${cluster}-${name}`,
    })
    this.#created.add(name)
  }

  async #make(): Promise<void> {
    if (this.#passing.length === MOST_PASSING) return
    const name = `${this.#caller.cluster}-passing-${++this.#made}`
    this.#passing.push({ name, arn: await this.#create(name) })
  }

  async #unmake(): Promise<void> {
    const passing = this.#passing.shift()
    if (passing) await this.#caller.client.certainly('DeleteLoadBalancer', { LoadBalancerArn: passing.arn })
  }

  async #create(Name: string): Promise<string> {
    const input = { Name, Scheme: 'internal', Subnets: wideSubnets }
    const output = await this.#caller.client.certainly('CreateLoadBalancer', input)
    return (output as CreateLoadBalancerOutput).LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  }

  async #createGroup(Name: string, TargetType: string): Promise<string> {
    const { client, world } = this.#caller
    const input = { Name, TargetType, Protocol: 'HTTP', Port: 80, VpcId: vpcId }
    const { TargetGroups: [group] = [] } = (await client.certainly(
      'CreateTargetGroup',
      input,
    )) as CreateTargetGroupOutput
    const TargetGroupArn = group?.TargetGroupArn ?? ''
    const delay = String(world.random.integer(2, 20))
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: delay }]
    await client.certainly('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes })
    return TargetGroupArn
  }

  async #listen(LoadBalancerArn: string, Port: number, TargetGroupArn: string): Promise<string> {
    const DefaultActions = [{ Type: 'forward', TargetGroupArn }]
    const input = { LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions }
    const output = await this.#caller.client.certainly('CreateListener', input)
    return (output as CreateListenerOutput).Listeners?.[0]?.ListenerArn ?? ''
  }
}
