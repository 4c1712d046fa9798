/** A load balancer with a service behind it, through the API alone. */
import { Resolver } from 'node:dns/promises'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateServiceCommand, DescribeServicesCommand } from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Berth, eventually } from '../../test/e2e/berth.ts'
import { define } from '../berth-tasks.ts'
import { responder, responderPort } from './responder-image.ts'

export const family = 'responder'
export const container = 'main'
export const listenerPort = 8088

export interface Balanced {
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly subnets: readonly string[]
  readonly vpcId: string
  readonly loadBalancerArn: string
  readonly listenerArn: string
  readonly targetGroupArn: string
  /** Where the load balancer answers. */
  readonly url: string
}

/** The resolver that every host has for its tasks. */
const resolver = '169.254.170.53'

const addressOf = async (name: string): Promise<string | undefined> => {
  const dns = new Resolver({ timeout: 1_000, tries: 1 })
  dns.setServers([resolver])
  return (await dns.resolve4(name).catch(() => []))[0]
}

export const createTargetGroup = async (
  elbv2: ElasticLoadBalancingV2Client,
  vpcId: string,
  name: string,
  targetType: 'instance' | 'ip',
): Promise<string> => {
  const { TargetGroups = [] } = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: responderPort,
      VpcId: vpcId,
      TargetType: targetType,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  )
  const arn = TargetGroups[0]?.TargetGroupArn ?? ''
  await elbv2.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }],
    }),
  )
  return arn
}

export const balance = async (
  berth: Berth,
  name: string,
  targetType: 'instance' | 'ip',
): Promise<Balanced> => {
  const elbv2 = new ElasticLoadBalancingV2Client(berth.clientSettings)
  const ec2 = new EC2Client(berth.clientSettings)
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  const subnets = Subnets.map(({ SubnetId = '' }) => SubnetId)
  const vpcId = Subnets[0]?.VpcId ?? ''
  const { LoadBalancers = [] } = await elbv2.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: subnets }),
  )
  const loadBalancerArn = LoadBalancers[0]?.LoadBalancerArn ?? ''
  const dnsName = LoadBalancers[0]?.DNSName ?? ''
  const targetGroupArn = await createTargetGroup(elbv2, vpcId, name, targetType)
  const { Listeners = [] } = await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: listenerPort,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  const listenerArn = Listeners[0]?.ListenerArn ?? ''
  await eventually('the load balancer is active', async () => {
    const answer = await elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [loadBalancerArn] }))
    return answer.LoadBalancers?.[0]?.State?.Code === 'active'
  })
  const address = await eventually(`${dnsName} is known`, () => addressOf(dnsName))
  const url = `http://${address}:${listenerPort}/`
  return { elbv2, subnets, vpcId, loadBalancerArn, listenerArn, targetGroupArn, url }
}

/** In bridge networking with host ports that the engine chooses, or in awsvpc. */
export const defineResponder = (berth: Berth, networkMode: 'bridge' | 'awsvpc'): Promise<void> =>
  define(berth, {
    family,
    networkMode,
    containerDefinitions: [
      {
        name: container,
        image: responder,
        memory: 64,
        cpu: 64,
        stopTimeout: 10,
        portMappings: [{ containerPort: responderPort }],
      },
    ],
  })

export const healthyTargets = async ({
  elbv2,
  targetGroupArn,
}: Pick<Balanced, 'elbv2' | 'targetGroupArn'>) => {
  const { TargetHealthDescriptions = [] } = await elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  )
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy')
}

export const isSteady = async (berth: Berth, service: string): Promise<boolean> => {
  const { services = [] } = await berth.ecs.send(new DescribeServicesCommand({ services: [service] }))
  const { deployments = [], runningCount, desiredCount } = services[0] ?? {}
  return (
    deployments.length === 1 && runningCount === desiredCount && deployments[0]?.rolloutState === 'COMPLETED'
  )
}

export const startService = async (
  berth: Berth,
  balanced: Balanced,
  service: string,
  desiredCount: number,
  more: object = {},
): Promise<void> => {
  await berth.ecs.send(
    new CreateServiceCommand({
      serviceName: service,
      taskDefinition: family,
      desiredCount,
      loadBalancers: [
        { targetGroupArn: balanced.targetGroupArn, containerName: container, containerPort: responderPort },
      ],
      ...more,
    }),
  )
  await eventually(
    'all targets are healthy',
    async () => (await healthyTargets(balanced)).length === desiredCount,
    120_000,
  )
}
