import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { hostAttribute } from '../hosts/host-records.ts'
import { sampleImage } from './sample-image.ts'

export const sampleService = 'sample'
const container = 'web'
const desiredCount = 3

const registerDefinition = async (client: ECSClient, region: string): Promise<string> => {
  const { taskDefinition } = await client.send(
    new RegisterTaskDefinitionCommand({
      family: sampleService,
      networkMode: 'bridge',
      containerDefinitions: [
        {
          name: container,
          image: sampleImage,
          cpu: 32,
          memory: 32,
          essential: true,
          portMappings: [{ containerPort: 80, hostPort: 0 }],
          stopTimeout: 10,
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': '/berth/sample',
              'awslogs-create-group': 'true',
              'awslogs-region': region,
              'awslogs-stream-prefix': sampleService,
            },
          },
        },
      ],
    }),
  )
  return taskDefinition?.taskDefinitionArn ?? sampleService
}

/** Deploys the sample service of three tasks, unless it is there already. Resolves to true when it made it. */
export const deploySample = async (client: ECSClient, region: string): Promise<boolean> => {
  const { services } = await client.send(new DescribeServicesCommand({ services: [sampleService] }))
  if (services?.some(service => service.status === 'ACTIVE')) return false
  await client.send(
    new CreateServiceCommand({
      serviceName: sampleService,
      taskDefinition: await registerDefinition(client, region),
      desiredCount,
      launchType: 'EC2',
      // The forwarder reaches this machine's own engine only.
      placementConstraints: [{ type: 'memberOf', expression: `attribute:${hostAttribute} !exists` }],
    }),
  )
  return true
}

const targetsOf = (task: Task): string[] =>
  task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING'
    ? (task.containers ?? [])
        .flatMap(({ networkBindings }) => networkBindings ?? [])
        .flatMap(({ hostPort }) => (hostPort === undefined ? [] : [`127.0.0.1:${hostPort}`]))
    : []

/** Where the sample's running tasks can be reached from this machine, as `host:port`. */
export const runningTargets = async (client: ECSClient): Promise<string[]> => {
  const { taskArns } = await client.send(new ListTasksCommand({ serviceName: sampleService }))
  if (taskArns === undefined || taskArns.length === 0) return []
  const { tasks } = await client.send(new DescribeTasksCommand({ tasks: taskArns.slice(0, 100) }))
  return (tasks ?? []).flatMap(targetsOf)
}
