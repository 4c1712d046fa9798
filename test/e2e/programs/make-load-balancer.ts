/** Makes a load balancer that answers `hello`, and prints its DNS name as JSON once it is active. Waits for the server. */
import { setTimeout as delay } from 'node:timers/promises'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'

const isUp = (): Promise<boolean> =>
  fetch(`${process.env['AWS_ENDPOINT_URL']}/_berth/health`).then(
    ({ ok }) => ok,
    () => false,
  )
while (!(await isUp())) await delay(100)

await new ECSClient({}).send(new CreateClusterCommand({}))
const elb = new ElasticLoadBalancingV2Client({})
const { Subnets = [] } = await new EC2Client({}).send(new DescribeSubnetsCommand({}))
const { LoadBalancers } = await elb.send(
  new CreateLoadBalancerCommand({
    Name: 'web',
    Subnets: Subnets.slice(0, 2).flatMap(({ SubnetId }) => SubnetId ?? []),
  }),
)
const [{ LoadBalancerArn = '', DNSName = '' } = {}] = LoadBalancers ?? []
await elb.send(
  new CreateListenerCommand({
    LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [
      {
        Type: 'fixed-response',
        FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'hello' },
      },
    ],
  }),
)
for (;;) {
  const { LoadBalancers: found } = await elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
  )
  if (found?.[0]?.State?.Code === 'active') break
  await delay(100)
}
process.stdout.write(JSON.stringify(DNSName))
