import { beforeEach, describe, expect, it } from 'vitest'
import { alarmStateId, alarmStates } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import { arn, refusal, useBerth } from './harness.ts'
import { serviceDeploymentCalls } from './service-deployment-calls.ts'

const berth = useBerth()
const { ready, create, update, described, hostDoes } = serviceDeploymentCalls(berth)

beforeEach(async () => {
  await ready()
})

describe('a rolling deployment', () => {
  const criteria = {
    enable: true,
    healthyPercent: 60,
    sourceServiceRevisionCleanup: 'BLOCKING',
  } as const
  const alarms = { enable: true, rollback: true, alarmNames: ['errors'] }
  const deploymentConfiguration = {
    minimumHealthyPercent: 50,
    bakeTimeInMinutes: 2,
    earlySuccessCriteria: criteria,
  }
  const setAlarm = (state: 'OK' | 'ALARM'): void => {
    const id = alarmStateId(arn(''), 'errors')
    berth.store.update(tx =>
      tx.put(alarmStates, { id, name: 'errors', state, stateChangedAt: berth.clock.now() }),
    )
    berth.settle()
  }

  it('ends early, after its bake time, where its criteria say so', async () => {
    const created = await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      deploymentConfiguration,
    })
    expect(created.service?.deploymentConfiguration).toMatchObject(deploymentConfiguration)
    berth.settle()
    const { currentServiceDeployment = '' } = created.service ?? {}
    await hostDoes('RUNNING')
    expect(await described(currentServiceDeployment)).toMatchObject({
      status: 'IN_PROGRESS',
      deploymentConfiguration,
    })
    berth.clock.advance(120_000)
    berth.settle()
    expect(await described(currentServiceDeployment)).toMatchObject({ status: 'SUCCESSFUL' })
    const updated = await berth.ecs.updateService({
      service: 'web',
      deploymentConfiguration: {
        earlySuccessCriteria: { ...criteria, sourceServiceRevisionCleanup: 'DEFERRED' },
      },
    })
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    const { service: deleted } = await berth.ecs.deleteService({ service: 'web', force: true })
    for (const service of [updated.service, services?.[0], deleted])
      expect(service?.deploymentConfiguration).toMatchObject({
        ...deploymentConfiguration,
        earlySuccessCriteria: { ...criteria, sourceServiceRevisionCleanup: 'DEFERRED' },
      })
  })

  it('is rolled back when one of its alarms goes off', async () => {
    setAlarm('OK')
    const created = await berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      deploymentConfiguration: { alarms },
    })
    berth.settle()
    await hostDoes('RUNNING')
    berth.clock.advance(180_000)
    berth.settle()
    const watching = await update({ deploymentConfiguration: { alarms } })
    expect(await described(watching)).toMatchObject({
      deploymentConfiguration: { alarms },
      alarms: { status: 'MONITORING', alarmNames: ['errors'] },
    })
    setAlarm('ALARM')
    await hostDoes('RUNNING')
    expect(await described(watching)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { status: 'TRIGGERED', alarmNames: ['errors'], triggeredAlarmNames: ['errors'] },
    })
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    const { service: rescaled } = await berth.ecs.updateService({ service: 'web', desiredCount: 2 })
    const { service: deleted } = await berth.ecs.deleteService({ service: 'web', force: true })
    for (const service of [created.service, services?.[0], rescaled, deleted])
      expect(service?.deploymentConfiguration?.alarms).toEqual(alarms)
  })

  it('is refused alarms that there are not, and criteria that make no sense', async () => {
    await create()
    const of = (deploymentConfiguration: object) =>
      refusal(berth.ecs.updateService({ service: 'web', deploymentConfiguration }))
    expect(await of({ alarms })).toEqual([
      'InvalidParameterException',
      'These deployment alarms do not exist: errors.',
    ])
    expect(await of({ alarms: { ...alarms, alarmNames: [] } })).toEqual([
      'InvalidParameterException',
      'alarmNames cannot be empty when deployment alarms are enabled.',
    ])
    expect(await of({ earlySuccessCriteria: criteria })).toEqual([
      'InvalidParameterException',
      'healthyPercent must be between minimumHealthyPercent and 100.',
    ])
    expect(await of({ earlySuccessCriteria: { enable: true } })).toEqual([
      'InvalidParameterException',
      expect.stringContaining('are required when earlySuccessCriteria is enabled'),
    ])
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    expect(services?.[0]?.deploymentConfiguration).not.toHaveProperty('alarms')
  })
})
