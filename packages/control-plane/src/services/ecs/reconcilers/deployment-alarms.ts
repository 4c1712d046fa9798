import { put, type Reconciler, type Step, unchanged } from '../../../control-loop/plan.ts'
import { alarmStates, serviceDeployments } from '../tables/index.ts'

/** Tells service deployments of the alarms that they watch and that have gone off. A key is an alarm's. */
export const deploymentAlarmReconciler: Reconciler = {
  name: 'ecs.deployment-alarms',
  keys: function* (view) {
    for (const { id } of view.all(alarmStates)) yield id
  },
  tables: [alarmStates],
  keysOf: ({ id }) => [id],
  reconcile: (view, id) => {
    const alarm = view.get(alarmStates, id)
    if (alarm?.state !== 'ALARM') return { expects: [], steps: [] }
    const expects = [unchanged(view, alarmStates, id)]
    const steps: Step[] = []
    for (const row of view.where(serviceDeployments, 'byAlarm', id)) {
      const { alarms } = row
      if (alarms === undefined || alarms.triggeredAlarmNames.includes(alarm.name)) continue
      expects.push(unchanged(view, serviceDeployments, row.id))
      const triggeredAlarmNames = [...alarms.triggeredAlarmNames, alarm.name]
      steps.push(put(serviceDeployments, { ...row, alarms: { ...alarms, triggeredAlarmNames } }))
    }
    return { expects, steps }
  },
}
