import { DescribeTasksCommand, type ECSClient, paginateListTasks, type Task } from '@aws-sdk/client-ecs'

export interface TaskFilter {
  readonly cluster: string
  readonly serviceName?: string
  readonly family?: string
  readonly stopped?: boolean
}

const describedAtATime = 100

export const describeTasks = async (
  client: ECSClient,
  cluster: string,
  arns: readonly string[],
): Promise<Task[]> => {
  const tasks: Task[] = []
  for (let start = 0; start < arns.length; start += describedAtATime) {
    const page = await client.send(
      new DescribeTasksCommand({ cluster, tasks: arns.slice(start, start + describedAtATime) }),
    )
    tasks.push(...(page.tasks ?? []))
  }
  return tasks
}

/** Every task that matches, newest first. */
export const listTasks = async (client: ECSClient, { stopped, ...filter }: TaskFilter): Promise<Task[]> => {
  const arns: string[] = []
  for await (const page of paginateListTasks(
    { client },
    { ...filter, desiredStatus: stopped === true ? 'STOPPED' : 'RUNNING' },
  ))
    arns.push(...(page.taskArns ?? []))
  const tasks = await describeTasks(client, filter.cluster, arns)
  return tasks.sort((a, b) => Number(b.createdAt ?? 0) - Number(a.createdAt ?? 0))
}
