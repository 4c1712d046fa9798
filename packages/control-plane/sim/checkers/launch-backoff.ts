import type { Task } from '@aws-sdk/client-ecs'
import type { Checker } from './checker.ts'

/** Launches grow rarer while no task of a deployment reaches RUNNING: the first pause is a second, and each is twice the last. */
export const launchBackoff = (mostTasks: number): Checker => ({
  name: 'launch-backoff',
  learn: ({ tasks }) => {
    for (const [deployment, own] of Map.groupBy(tasks.values(), ({ startedBy = '' }) => startedBy)) {
      if (!deployment.startsWith('ecs-svc/') || own.some(({ startedAt }) => startedAt)) continue
      const times = own.map(timeOf)
      const seconds = (Math.max(...times) - Math.min(...times)) / 1000
      // A round more for tasks that went for other causes: a lost host, or a draining one.
      const most = mostTasks * (3 + Math.floor(Math.log2(1 + seconds))) + own.filter(hasNotFailed).length
      if (own.length > most)
        return `${deployment} launched ${own.length} tasks in ${seconds} s, and none was ever RUNNING`
    }
    return undefined
  },
})

const timeOf = ({ createdAt }: Task): number => createdAt?.getTime() ?? 0

const hasNotFailed = ({ stopCode }: Task): boolean => stopCode !== 'TaskFailedToStart'
