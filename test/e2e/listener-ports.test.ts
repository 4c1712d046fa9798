/** Ports that both a task and a listener of a load balancer want of one host, with Docker and HAProxy. */
import { createServer, request } from 'node:http'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { RegisterTaskDefinitionCommand, RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteListenerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Berth, eventually, freePort } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { untilStopped } from './tasks.ts'

let berth: Berth
let elb: ElasticLoadBalancingV2Client
let ec2: EC2Client

/** The only one: the load balancer has it. */
const frontAddress = '127.77.17.1'

beforeAll(async () => {
  makeBusyboxImage()
  berth = await Berth.start({
    server: { BERTH_LOAD_BALANCER_ADDRESSES: `${frontAddress}/32` },
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

const runPublishing = async (hostPort: number) => {
  await berth.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: `port-${hostPort}`,
      containerDefinitions: [
        {
          name: 'web',
          image: busybox,
          memory: 16,
          stopTimeout: 2,
          command: ['sh', '-c', untilStopped],
          portMappings: [{ containerPort: 80, hostPort }],
        },
      ],
    }),
  )
  return berth.ecs.send(new RunTaskCommand({ taskDefinition: `port-${hostPort}` }))
}

const loadBalancer = async (): Promise<string> => {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId) }),
  )
  return LoadBalancers?.[0]?.LoadBalancerArn ?? ''
}

const listen = async (LoadBalancerArn: string, Port: number): Promise<string> => {
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port,
      Protocol: 'HTTP',
      DefaultActions: [
        { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '203', MessageBody: 'here' } },
      ],
    }),
  )
  return Listeners?.[0]?.ListenerArn ?? ''
}

const stateOf = async (arn: string) =>
  (await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))).LoadBalancers?.[0]?.State

/** The status of the answer, or what went wrong. */
const ask = (port: number): Promise<number | string> =>
  new Promise(resolve => {
    const asked = request({ host: frontAddress, port, agent: false, timeout: 5_000 }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', error => resolve(error.message))
    asked.end()
  })

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })

it('A port belongs to the listener or to the task, whichever was there first, and changes hands when that goes', async () => {
  const arn = await loadBalancer()
  const [first, second, third] = [await freePort(), await freePort(), await freePort()]
  await listen(arn, first)
  await eventually('the listener answers', async () => (await ask(first)) === 203)
  expect(await runPublishing(first)).toMatchObject({ tasks: [], failures: [{ reason: 'RESOURCE:PORTS' }] })

  const { tasks = [] } = await runPublishing(second)
  const [task] = tasks
  await eventually('the task has its port', async () => !(await isFree(second)))
  const contested = await listen(arn, second)
  await eventually('the load balancer says so', async () => (await stateOf(arn))?.Code === 'active_impaired')
  expect((await stateOf(arn))?.Reason).toContain(`has the port ${second}/tcp`)
  await listen(arn, third)
  await eventually('its other listeners are opened', async () => (await ask(third)) === 203)
  expect(await ask(first)).toBe(203)

  await berth.ecs.send(new StopTaskCommand({ task: task?.taskArn }))
  await eventually('the listener has the port', async () => (await ask(second)) === 203, 30_000)
  expect(await stateOf(arn)).toMatchObject({ Code: 'active' })

  await elb.send(new DeleteListenerCommand({ ListenerArn: contested }))
  await eventually('the listener is closed', () => isFree(second))
  expect(await runPublishing(second)).toMatchObject({ failures: [] })
  await eventually('a task has the port', async () => !(await isFree(second)))
}, 180_000)
