/** Gives a deployment up during which an alarm goes off. (AWS: "How CloudWatch alarms detect Amazon ECS deployment failures") */
import { hasEnded } from '../../tables/index.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { type Failure, rollBack, stopDeployment } from './rollback.ts'

const alarmDetected: Failure = {
  rolloutReason: 'ECS deployment alarms: alarm detected.',
  event: 'alarm detected.',
  by: 'ECS deployment alarms',
  reason: {
    rolledBack: 'Service deployment rolled back because an alarm was detected.',
    stopped: 'Service deployment stopped because an alarm was detected.',
  },
}

export const checkAlarms = (draft: ServiceDraft): void => {
  const { service, serviceDeployment: row } = draft
  const { alarms } = row ?? {}
  if (row === undefined || hasEnded(row) || alarms?.status !== 'MONITORING') return
  if (alarms.triggeredAlarmNames.length === 0) return
  draft.replaceServiceDeployment({ ...row, alarms: { ...alarms, status: 'TRIGGERED' } })
  if (service.deploymentConfiguration.alarms?.rollback) rollBack(draft, alarmDetected)
  else stopDeployment(draft, alarmDetected)
}
