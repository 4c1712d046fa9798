/** What people call the hosts of tasks. */
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  type ECSClient,
  type Task,
} from '@aws-sdk/client-ecs'
import { hostAttribute } from '../hosts/host-records.ts'
import { shortName } from './words.ts'

const describedAtATime = 100
/** Of a container instance's id, where its host has no name. */
const shownDigits = 12

/** By the container instance's ARN: the name of a local host, or else the beginning of the instance's id. */
export const hostNames = async (
  client: ECSClient,
  cluster: string,
  tasks: readonly Task[],
): Promise<ReadonlyMap<string, string>> => {
  const arns = [...new Set(tasks.flatMap(({ containerInstanceArn }) => containerInstanceArn ?? []))]
  const names = new Map(arns.map(arn => [arn, shortName(arn).slice(0, shownDigits)]))
  for (let start = 0; start < arns.length; start += describedAtATime) {
    const containerInstances = arns.slice(start, start + describedAtATime)
    const answer = await client.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }))
    for (const instance of answer.containerInstances ?? []) {
      const name = nameOf(instance)
      if (name !== undefined) names.set(instance.containerInstanceArn ?? '', name)
    }
  }
  return names
}

const nameOf = ({ attributes = [] }: ContainerInstance): string | undefined =>
  attributes.find(({ name }) => name === hostAttribute)?.value
