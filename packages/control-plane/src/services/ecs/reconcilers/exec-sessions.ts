import { append, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import { endedSession } from '../exec-sessions.ts'
import { endedExecSessions, execSessions, execTokenLifeMs } from '../tables/index.ts'

/** Ends sessions whose token was never used. A key is a session's id. */
export const execSessionReconciler: Reconciler = {
  name: 'ecs.exec-sessions',
  keys: function* (view) {
    for (const session of view.where(execSessions, 'waiting', 'waiting')) yield session.id
  },
  tables: [execSessions],
  keysOf: ({ before, id }) => (before === undefined ? [id] : []),
  reconcile: (view, id, { now }) => {
    const session = view.get(execSessions, id)
    if (!session || session.connectedAt !== undefined) return { expects: [], steps: [] }
    const expiresAt = session.createdAt + execTokenLifeMs
    if (now <= expiresAt) return { expects: [], steps: [], wakeAt: expiresAt + 1 }
    const ended = endedSession(session, { reason: 'The data channel was never opened.' }, now)
    return {
      expects: [unchanged(view, execSessions, id)],
      steps: [append(endedExecSessions, ended), remove(execSessions, id)],
    }
  },
}
