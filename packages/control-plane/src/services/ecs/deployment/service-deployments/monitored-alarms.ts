import type { View } from '../../../../store/view.ts'
import { alarmStateId, alarmStates, type DeploymentAlarmsState, type ServiceRow } from '../../tables/index.ts'

/**
 * What a service deployment that begins now watches. "If an alarm is in the ALARM state at the beginning of a deployment,
 * Amazon ECS will not monitor alarms for the duration of that deployment."
 */
export const alarmsOf = (view: View, service: ServiceRow): DeploymentAlarmsState | undefined => {
  const { alarms } = service.deploymentConfiguration
  const alarmNames = alarms?.alarmNames ?? []
  if (!alarms?.enable || alarmNames.length === 0) return undefined
  const isOff = alarmNames.some(
    name => view.get(alarmStates, alarmStateId(service.id, name))?.state === 'ALARM',
  )
  return { status: isOff ? 'DISABLED' : 'MONITORING', alarmNames, triggeredAlarmNames: [] }
}
