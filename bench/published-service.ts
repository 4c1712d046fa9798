/** A network load balancer of Berth's, at one port of this machine, for a service whose tasks have ports that Docker chooses. */
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Berth, eventually } from '../test/e2e/berth.ts'

/** The port of a container. */
export const containerPort = 80
/** The port of the machine. */
export const publishedPort = 18_080

/** The variables with which its load balancers get addresses that no other Berth on this machine has. */
export const publishing = {
  server: { BERTH_LOAD_BALANCER_ADDRESSES: '127.77.18.0/24' },
  agent: { BERTH_INGRESS: 'true' },
} as const

/** What a service names to be behind it. */
export const publish = async (berth: Berth, containerName: string): Promise<LoadBalancer> => {
  const elb = new ElasticLoadBalancingV2Client(berth.clientSettings)
  const { Subnets = [] } = await new EC2Client(berth.clientSettings).send(new DescribeSubnetsCommand({}))
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'published',
      Type: 'network',
      Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId),
    }),
  )
  const { LoadBalancerArn = '' } = LoadBalancers?.[0] ?? {}
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'published',
      Protocol: 'TCP',
      Port: containerPort,
      VpcId: Subnets[0]?.VpcId,
      TargetType: 'instance',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  )
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      // Swarm lets nothing drain.
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
    }),
  )
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: publishedPort,
      Protocol: 'TCP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  await eventually('the load balancer is active', async () => {
    const { LoadBalancers: found } = await elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
    )
    return found?.[0]?.State?.Code === 'active'
  })
  elb.destroy()
  return { targetGroupArn, containerName, containerPort }
}
