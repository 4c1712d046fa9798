import { DescribeSubnetsCommand, EC2Client, type Subnet } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { berthClient, clientSettings } from '../clients.ts'
import type { Configuration } from '../configuration.ts'
import { listLoadBalancers } from '../listing/load-balancers.ts'

const name = 'sample'

export interface SampleLoadBalancer {
  readonly loadBalancerArn: string
  readonly targetGroupArn: string
}

/** Those of the default VPC, which is there from the start. */
const defaultSubnets = async (configuration: Configuration): Promise<readonly Subnet[]> => {
  const client = new EC2Client(clientSettings(configuration))
  try {
    const { Subnets } = await client.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
    )
    return Subnets ?? []
  } finally {
    client.destroy()
  }
}

/** Targets are looked at every five seconds, and given up quickly: nobody waits minutes for a sample. */
const makeTargetGroup = async (elb: ElasticLoadBalancingV2Client, vpcId: string): Promise<string> => {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
      TargetType: 'instance',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  )
  const { TargetGroupArn = '' } = TargetGroups?.[0] ?? {}
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }],
    }),
  )
  return TargetGroupArn
}

const makeListener = async (
  elb: ElasticLoadBalancingV2Client,
  { loadBalancerArn, targetGroupArn }: SampleLoadBalancer,
  port: number,
): Promise<void> => {
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }))
  const [listener] = Listeners ?? []
  if (listener === undefined)
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: loadBalancerArn,
        Protocol: 'HTTP',
        Port: port,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      }),
    )
  else if (listener.Port !== port)
    await elb.send(new ModifyListenerCommand({ ListenerArn: listener.ListenerArn, Port: port }))
}

/** Makes the application load balancer of the sample, or finds it, listening at `port`. */
export const makeSampleLoadBalancer = async (
  configuration: Configuration,
  port: number,
): Promise<SampleLoadBalancer> => {
  const subnets = await defaultSubnets(configuration)
  const elb = new ElasticLoadBalancingV2Client(clientSettings(configuration))
  try {
    const targetGroupArn = await makeTargetGroup(elb, subnets[0]?.VpcId ?? '')
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: name, Subnets: subnets.map(({ SubnetId = '' }) => SubnetId) }),
    )
    const made = { loadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn ?? '', targetGroupArn }
    await makeListener(elb, made, port)
    return made
  } finally {
    elb.destroy()
  }
}

/** Where it listens; undefined while no host carries it. */
export const sampleLoadBalancerAddress = async (
  configuration: Configuration,
  { loadBalancerArn }: SampleLoadBalancer,
): Promise<string | undefined> => {
  const all = await listLoadBalancers(berthClient(configuration))
  const found = all.find(one => one.loadBalancerArn === loadBalancerArn)
  return found?.state === 'active' ? found.address : undefined
}
