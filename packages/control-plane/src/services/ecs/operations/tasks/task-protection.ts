import type {
  Failure,
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from '@aws-sdk/client-ecs'
import type { Transaction, View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { timestamp } from '../../../timestamp.ts'
import { invalidParameter } from '../../errors.ts'
import { activeCluster, taskArnOf } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { type ClusterRow, services, type TaskRow, tasks } from '../../tables/index.ts'
import { isProtected } from '../../task-protection.ts'

const minuteMs = 60_000
const defaultMinutes = 120
const mostMinutes = 2_880
const mostRead = 100
const mostWritten = 10

const readTasks = (references: readonly string[] | undefined, most: number): readonly string[] => {
  if (!references?.length) throw invalidParameter('Tasks cannot be empty.')
  if (references.length > most) throw invalidParameter(`Tasks can have at most ${most} items.`)
  return references
}

/** The tasks that can be protected, and why the others cannot. (AWS: "Amazon ECS API failure reasons") */
const serviceTasksOf = (
  view: View,
  cluster: ClusterRow,
  references: readonly string[],
): { readonly found: readonly TaskRow[]; readonly failures: readonly Failure[] } => {
  const found: TaskRow[] = []
  const failures: Failure[] = []
  for (const reference of references) {
    const arn = taskArnOf(cluster, reference)
    const task = view.get(tasks, arn)
    if (task?.serviceArn) found.push(task)
    else failures.push({ arn, reason: task ? 'TASK_NOT_VALID' : 'MISSING' })
  }
  return { found, failures }
}

const protectionOf = (task: TaskRow, now: number): ProtectedTask => {
  const protectionEnabled = isProtected(task, now)
  return {
    taskArn: task.id,
    protectionEnabled,
    ...(protectionEnabled && { expirationDate: timestamp(task.protectedUntil) }),
  }
}

export const getTaskProtection = operation<GetTaskProtectionRequest, GetTaskProtectionResponse>({
  name: 'GetTaskProtection',
  effect: 'reads',
  resources: ({ cluster, tasks: references = [] }, { scope }) =>
    references.map(reference => resourceInCluster(scope, 'task', cluster, reference)),
  handle: (request, { store, scope, now }) => {
    const references = readTasks(request.tasks, mostRead)
    const cluster = activeCluster(store, scope, request.cluster)
    const { found, failures } = serviceTasksOf(store, cluster, references)
    return { protectedTasks: found.map(task => protectionOf(task, now)), failures: [...failures] }
  },
})

/** Protection that is given anew counts from now, whatever was left of it. */
export const updateTaskProtection = operation<UpdateTaskProtectionRequest, UpdateTaskProtectionResponse>({
  name: 'UpdateTaskProtection',
  effect: 'writes',
  resources: ({ cluster, tasks: references = [] }, { scope }) =>
    references.map(reference => resourceInCluster(scope, 'task', cluster, reference)),
  handle: (request, { store, scope, now }) => {
    const references = readTasks(request.tasks, mostWritten)
    const { protectionEnabled = false, expiresInMinutes = defaultMinutes } = request
    if (expiresInMinutes < 1 || expiresInMinutes > mostMinutes)
      throw invalidParameter(`expiresInMinutes must be between 1 and ${mostMinutes}.`)
    const until = protectionEnabled ? now + expiresInMinutes * minuteMs : undefined
    return store.update(tx => {
      const cluster = activeCluster(tx, scope, request.cluster)
      const { found, failures } = serviceTasksOf(tx, cluster, references)
      const protectedTasks: ProtectedTask[] = []
      const refused: Failure[] = []
      for (const task of found) {
        const reason = until === undefined ? undefined : refusalOf(tx, task)
        if (reason === undefined) protectedTasks.push(protectionOf(protect(tx, task, until), now))
        else refused.push({ arn: task.id, reason })
      }
      return { protectedTasks, failures: [...failures, ...refused] }
    })
  },
})

/** A deployment that protected tasks already hold up takes no more of them. */
const refusalOf = (view: View, task: TaskRow): string | undefined => {
  if (task.desiredStatus === 'STOPPED') return 'TASK_NOT_VALID'
  const service = view.get(services, task.serviceArn ?? '')
  return service?.blockedAt === undefined ? undefined : 'DEPLOYMENT_BLOCKED'
}

const protect = (tx: Transaction, task: TaskRow, protectedUntil: number | undefined): TaskRow => {
  const after = { ...task, protectedUntil }
  tx.put(tasks, after)
  return after
}
