/** Bugs between servers and agents. */
import type {
  AcsFrame,
  BerthStateChanges,
  PayloadMessage,
  TaskManifestMessage,
  TaskStateChange,
} from '@berth/model'
import { type TaskRow, tasks } from '../../src/services/ecs/tables/index.ts'
import type { Planted, PlantedBug } from '../seams.ts'
import { wrap } from '../wrap.ts'

const changesOf = ({ type, message }: AcsFrame): readonly TaskStateChange[] =>
  type === 'BerthStateChanges' ? (message as BerthStateChanges).changes : []

const withChanges = (frame: AcsFrame, changes: readonly TaskStateChange[]): AcsFrame => ({
  ...frame,
  message: { ...(frame.message as BerthStateChanges), changes },
})

export const droppedAcknowledgement: PlantedBug = {
  name: 'dropped-acknowledgement',
  says: 'Reports of tasks that have stopped are applied and never acknowledged.',
  seams: () => {
    const ignored = new Set<string>()
    return {
      incoming: frame => {
        if (changesOf(frame).some(({ status }) => status === 'STOPPED'))
          ignored.add((frame.message as BerthStateChanges).messageId)
        return frame
      },
      outgoing: frame =>
        frame.type === 'BerthStateChangesAck' && ignored.has((frame.message as BerthStateChanges).messageId)
          ? undefined
          : frame,
    }
  },
}

export const missedRedelivery: PlantedBug = {
  name: 'missed-redelivery',
  says: 'What an agent was told once it is not told again, in no session.',
  seams: () => {
    const told = new Set<string>()
    return {
      outgoing: frame => {
        if (frame.type === 'TaskManifestMessage') return withoutStops(frame)
        if (frame.type !== 'PayloadMessage') return frame
        const payload = frame.message as PayloadMessage
        const news = payload.tasks.filter(({ arn, desiredStatus }) => !told.has(`${arn} ${desiredStatus}`))
        for (const { arn, desiredStatus } of news) told.add(`${arn} ${desiredStatus}`)
        return news.length === 0 ? undefined : { ...frame, message: { ...payload, tasks: news } }
      },
    }
  },
}

const withoutStops = (frame: AcsFrame): AcsFrame => {
  const manifest = frame.message as TaskManifestMessage
  return {
    ...frame,
    message: { ...manifest, tasks: manifest.tasks.map(task => ({ ...task, desiredStatus: 'RUNNING' })) },
  }
}

export const numbersRestart: PlantedBug = {
  name: 'numbers-restart',
  says: 'The numbers of payloads and manifests begin anew with each server.',
  seams: () => ({ epoch: () => 1 }),
}

const putTask = ({ store }: Planted, arn: string, change: (task: TaskRow) => TaskRow | undefined): void =>
  store().update(tx => {
    const task = tx.get(tasks, arn)
    const changed = task && change(task)
    if (changed !== undefined) tx.put(tasks, { ...changed, version: changed.version + 1 })
  })

export const lateReportWins: PlantedBug = {
  name: 'late-report-wins',
  says: 'A report that comes late, or a second time, is believed over newer ones.',
  seams: () => ({
    incoming: (frame, _, planted) => {
      for (const { taskArn, status } of changesOf(frame))
        if (status === 'RUNNING')
          putTask(planted, taskArn, task =>
            task.lastStatus === 'STOPPED' ? { ...task, lastStatus: status } : undefined,
          )
      return frame
    },
  }),
}

export const lostReport: PlantedBug = {
  name: 'lost-report',
  says: 'Now and then one change of a report is acknowledged and not applied.',
  seams: () => ({
    incoming: (frame, _, { random }) =>
      changesOf(frame).length > 0 && random.chance(0.03)
        ? withChanges(frame, changesOf(frame).slice(1))
        : frame,
  }),
}

export const wrongExitCode: PlantedBug = {
  name: 'wrong-exit-code',
  says: 'Exit codes are taken for 0.',
  seams: () => ({
    incoming: frame =>
      changesOf(frame).length === 0
        ? frame
        : withChanges(
            frame,
            changesOf(frame).map(change => ({
              ...change,
              containers: change.containers.map(container =>
                container.exitCode === undefined ? container : { ...container, exitCode: 0 },
              ),
            })),
          ),
  }),
}

export const wishedStatus: PlantedBug = {
  name: 'wished-status',
  says: 'A task counts as RUNNING as soon as its agent is told of it.',
  seams: () => ({
    outgoing: (frame, _, planted) => {
      if (frame.type !== 'PayloadMessage') return frame
      for (const { arn, desiredStatus } of (frame.message as PayloadMessage).tasks)
        if (desiredStatus === 'RUNNING')
          putTask(planted, arn, task =>
            task.lastStatus === 'PENDING'
              ? { ...task, lastStatus: 'RUNNING', startedAt: planted.now() }
              : undefined,
          )
      return frame
    },
  }),
}

export const stoppedNotFinal: PlantedBug = {
  name: 'stopped-not-final',
  says: 'A host that comes back gets those of its tasks back that were STOPPED meanwhile.',
  seams: () => ({
    incoming: (frame, containerInstanceArn, planted) => {
      const lost = [...planted.store().where(tasks, 'stoppedByInstance', containerInstanceArn)]
      for (const { id, stopCode } of lost)
        if (stopCode === 'TerminationNotice')
          putTask(
            planted,
            id,
            ({ stoppedAt: _, stopCode: __, stoppedReason: ___, stoppingAt: ____, ...task }) => ({
              ...task,
              lastStatus: 'PENDING',
              desiredStatus: 'RUNNING',
            }),
          )
      return frame
    },
  }),
}

export const sharedCredentials: PlantedBug = {
  name: 'shared-credentials',
  says: 'All tasks of a payload get the credentials of its first one.',
  seams: () => ({
    outgoing: frame => {
      if (frame.type !== 'PayloadMessage') return frame
      const payload = frame.message as PayloadMessage
      const first = payload.tasks.find(({ roleCredentials }) => roleCredentials)?.roleCredentials
      if (first === undefined) return frame
      const changed = payload.tasks.map(task =>
        task.roleCredentials ? { ...task, roleCredentials: first } : task,
      )
      return { ...frame, message: { ...payload, tasks: changed } }
    },
  }),
}

export const staleHealth: PlantedBug = {
  name: 'stale-health',
  says: 'What a health check says first is believed for good.',
  seams: () => {
    const told = new Set<string>()
    return {
      incoming: frame =>
        changesOf(frame).length === 0
          ? frame
          : withChanges(
              frame,
              changesOf(frame).map(change => ({
                ...change,
                containers: change.containers.map(({ healthStatus, ...container }) => {
                  const name = `${change.taskArn} ${container.containerName}`
                  if (healthStatus === undefined || told.has(name)) return container
                  if (healthStatus !== 'UNKNOWN') told.add(name)
                  return { ...container, healthStatus }
                }),
              })),
            ),
    }
  },
}

export const trustedClocks: PlantedBug = {
  name: 'trusted-clocks',
  says: 'When a task started is taken from its host, whose clock may be wrong.',
  seams: () => ({
    storeOfGateway: store =>
      wrap(store, {
        update: run =>
          store.update(tx =>
            run(
              wrap(tx, {
                put: (table: never, row: object) => {
                  const { startedAt, pullStoppedAt, id } = row as TaskRow
                  const isNew =
                    startedAt !== undefined &&
                    pullStoppedAt !== undefined &&
                    tx.get(tasks, id)?.startedAt === undefined
                  tx.put(table, (isNew ? { ...row, startedAt: pullStoppedAt } : row) as never)
                },
              } as unknown as Partial<typeof tx>),
            ),
          ),
      }),
  }),
}

export const lastOneWins: PlantedBug = {
  name: 'last-one-wins',
  says: 'Nobody asks which agent it is that comes with the identity of another one.',
  seams: () => ({ session: request => ({ ...request, process: undefined }) }),
}
