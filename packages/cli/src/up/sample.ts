import {
  CreateServiceCommand,
  DescribeServicesCommand,
  type ECSClient,
  type LoadBalancer,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { hostAttribute } from '../hosts/host-records.ts'
import { sampleImage } from './sample-image.ts'
import type { SampleLoadBalancer } from './sample-load-balancer.ts'

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

const registeredWith = ({ targetGroupArn }: SampleLoadBalancer): LoadBalancer[] => [
  { targetGroupArn, containerName: container, containerPort: 80 },
]

/**
 * Deploys the sample service of three tasks behind its load balancer, unless it is there already. Resolves to true when it
 * has made it or changed it.
 */
export const deploySample = async (
  client: ECSClient,
  region: string,
  loadBalancer: SampleLoadBalancer,
): Promise<boolean> => {
  const { services } = await client.send(new DescribeServicesCommand({ services: [sampleService] }))
  const service = services?.find(({ status }) => status === 'ACTIVE')
  const loadBalancers = registeredWith(loadBalancer)
  if (service === undefined)
    await client.send(
      new CreateServiceCommand({
        serviceName: sampleService,
        taskDefinition: await registerDefinition(client, region),
        desiredCount,
        loadBalancers,
        launchType: 'EC2',
        // Its image is in this machine's own engine only.
        placementConstraints: [{ type: 'memberOf', expression: `attribute:${hostAttribute} !exists` }],
      }),
    )
  else if (
    service.loadBalancers?.some(({ targetGroupArn }) => targetGroupArn === loadBalancer.targetGroupArn)
  )
    return false
  // One of an older Berth, or one whose load balancer was deleted.
  else await client.send(new UpdateServiceCommand({ service: sampleService, loadBalancers }))
  return true
}
