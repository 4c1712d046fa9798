import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import { shortName } from './words.ts'

export interface LogStream {
  readonly group: string
  readonly stream: string
  readonly task: string
  readonly container: string
}

const streamsOf = (
  task: Task,
  definition: TaskDefinition | undefined,
  container: string | undefined,
): LogStream[] =>
  (definition?.containerDefinitions ?? []).flatMap(({ name = '', logConfiguration }) => {
    const options = logConfiguration?.options
    const group = options?.['awslogs-group']
    if (logConfiguration?.logDriver !== 'awslogs' || group === undefined) return []
    if (container !== undefined && name !== container) return []
    const prefix = options?.['awslogs-stream-prefix']
    const runtimeId = task.containers?.find(candidate => candidate.name === name)?.runtimeId
    const stream = prefix === undefined ? runtimeId : `${prefix}/${name}/${shortName(task.taskArn)}`
    return stream === undefined ? [] : [{ group, stream, task: shortName(task.taskArn), container: name }]
  })

/** The CloudWatch Logs streams that these tasks' containers write to. (AWS: "Using the awslogs log driver") */
export const logStreams = async (
  client: ECSClient,
  tasks: readonly Task[],
  container: string | undefined,
): Promise<LogStream[]> => {
  const definitions = new Map<string, TaskDefinition | undefined>()
  for (const arn of new Set(tasks.flatMap(task => task.taskDefinitionArn ?? []))) {
    const { taskDefinition } = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }))
    definitions.set(arn, taskDefinition)
  }
  return tasks.flatMap(task => streamsOf(task, definitions.get(task.taskDefinitionArn ?? ''), container))
}
