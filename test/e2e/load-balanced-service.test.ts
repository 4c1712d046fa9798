/** A service behind a load balancer, through the official clients alone: HAProxy of this machine's agent carries it. */
import { request } from 'node:http'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Berth, eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'

let berth: Berth
let elb: ElasticLoadBalancingV2Client
let ec2: EC2Client

/** Not one that `berth up` gives, should it run on this machine. */
const addresses = '127.77.16.0/24'

beforeAll(async () => {
  makeBusyboxImage()
  berth = await Berth.start({
    server: { BERTH_LOAD_BALANCER_ADDRESSES: addresses },
    agent: { BERTH_INGRESS: 'true' },
  })
  elb = new ElasticLoadBalancingV2Client(berth.clientSettings)
  ec2 = new EC2Client(berth.clientSettings)
})
afterAll(async () => {
  elb?.destroy()
  ec2?.destroy()
  await berth?.stop()
})

const registerAnswering = (text: string) =>
  berth.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'balanced',
      containerDefinitions: [
        {
          name: 'web',
          image: busybox,
          memory: 32,
          stopTimeout: 2,
          command: [
            'sh',
            '-c',
            `mkdir /www && echo ${text} > /www/index.html && exec httpd -f -p 80 -h /www`,
          ],
          portMappings: [{ containerPort: 80 }],
        },
      ],
    }),
  )

/** The status, and what was answered. */
const get = (host: string): Promise<string> =>
  new Promise(resolve => {
    const asked = request({ host, path: '/', agent: false, timeout: 10_000 }, answer => {
      let body = ''
      answer.on('data', part => {
        body += part
      })
      answer.on('end', () => resolve(`${answer.statusCode} ${body.trim()}`))
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', error => resolve(error.message))
    asked.end()
  })

const loadBalancerOf = async (targetGroupArn: string): Promise<string> => {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId) }),
  )
  const { LoadBalancerArn = '' } = LoadBalancers?.[0] ?? {}
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  await eventually('the load balancer is active', async () => {
    const { LoadBalancers: found } = await elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
    )
    return found?.[0]?.State?.Code === 'active'
  })
  return LoadBalancerArn
}

const targetGroup = async (): Promise<string> => {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}))
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: Subnets?.[0]?.VpcId,
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

const isSteady = async (taskDefinition: string): Promise<boolean> => {
  const { services } = await berth.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  const [deployment, ...others] = services?.[0]?.deployments ?? []
  return (
    others.length === 0 &&
    deployment?.rolloutState === 'COMPLETED' &&
    (deployment.taskDefinition?.endsWith(taskDefinition) ?? false)
  )
}

/** Which of the addresses listens. */
const frontAddress = async (): Promise<string | undefined> => {
  const all = Array.from({ length: 254 }, (_, index) => `127.77.16.${index + 1}`)
  const answers = await Promise.all(all.map(async host => [host, await get(host)] as const))
  return answers.find(([, answer]) => answer === '200 one')?.[0]
}

it('A service behind a load balancer is rolled without a failed request', async () => {
  const targetGroupArn = await targetGroup()
  await loadBalancerOf(targetGroupArn)
  await registerAnswering('one')
  await berth.ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: 'balanced',
      desiredCount: 2,
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 80 }],
    }),
  )
  await eventually('the service is steady', () => isSteady('balanced:1'), 120_000)
  const host = await eventually('it answers', frontAddress)

  await registerAnswering('two')
  await berth.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: 'balanced' }))
  const answers = new Map<string, number>()
  await eventually(
    'the new revision is steady',
    async () => {
      const answer = await get(host)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      return isSteady('balanced:2')
    },
    180_000,
  )
  expect([...answers.keys()].sort()).toEqual(['200 one', '200 two'])
  expect(await get(host)).toBe('200 two')
  await berth.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
}, 400_000)
