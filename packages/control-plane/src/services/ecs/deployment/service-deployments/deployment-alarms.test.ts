import { describe, expect, it } from 'vitest'
import { type World, webArn, worldOf } from '../../fixtures/service-world.ts'
import { type AlarmStateRow, alarmStateId, alarmStates } from '../../tables/index.ts'

const setAlarm = (made: World, state: AlarmStateRow['state'], name = 'errors'): void => {
  made.store.update(tx =>
    tx.put(alarmStates, {
      id: alarmStateId(webArn, name),
      name,
      state,
      stateChangedAt: made.clock.now(),
    }),
  )
  made.run()
}

const world = async (rollback: boolean, atBegin: AlarmStateRow['state'] = 'OK'): Promise<World> => {
  const alarms = { enable: true, rollback, alarmNames: ['errors', 'latency'] }
  const made = await worldOf({ service: { deploymentConfiguration: { alarms } } })
  made.settle(3)
  setAlarm(made, atBegin)
  made.deploy(2)
  return made
}
const settle = (made: World): void => {
  made.settle(3)
  made.pass(180_000)
}

describe('a deployment with alarms', () => {
  it('is rolled back when one goes off', async () => {
    const made = await world(true)
    expect(made.serviceDeployment()?.alarms).toEqual({
      status: 'MONITORING',
      alarmNames: ['errors', 'latency'],
      triggeredAlarmNames: [],
    })
    setAlarm(made, 'ALARM')
    settle(made)
    expect(made.serviceDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because an alarm was detected.',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] },
    })
    expect(made.deployments()).toMatchObject([{ id: 'ecs-svc/1', rolloutState: 'COMPLETED' }])
    expect(await made.events()).toEqual(
      expect.arrayContaining([
        '(deployment ecs-svc/2) deployment failed: alarm detected.',
        'rolling back to deployment ecs-svc/1.',
      ]),
    )
  })

  it('is stopped when one goes off that does not roll back', async () => {
    const made = await world(false)
    setAlarm(made, 'ALARM', 'latency')
    expect(made.serviceDeployment()).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment stopped because an alarm was detected.',
    })
    expect(made.service()?.primaryDeploymentId).toBe('ecs-svc/2')
  })

  it('watches them for a bake time after everything is in place', async () => {
    const made = await world(true)
    made.settle(6)
    expect(made.serviceDeployment()?.status).toBe('IN_PROGRESS')
    setAlarm(made, 'ALARM')
    expect(made.serviceDeployment()?.status).toBe('ROLLBACK_IN_PROGRESS')
    const quiet = await world(true)
    settle(quiet)
    expect(quiet.serviceDeployment()).toMatchObject({
      status: 'SUCCESSFUL',
      alarms: { status: 'MONITORING_COMPLETE', triggeredAlarmNames: [] },
    })
  })

  it('does not watch them where one was off already when it began', async () => {
    const made = await world(true, 'ALARM')
    setAlarm(made, 'ALARM', 'latency')
    made.settle(6)
    expect(made.serviceDeployment()).toMatchObject({
      status: 'SUCCESSFUL',
      alarms: { status: 'DISABLED', triggeredAlarmNames: [] },
    })
  })

  it('does not hear them any more when it has ended', async () => {
    const made = await world(true)
    settle(made)
    setAlarm(made, 'ALARM')
    expect(made.serviceDeployment()).toMatchObject({
      status: 'SUCCESSFUL',
      alarms: { triggeredAlarmNames: [] },
    })
  })
})
