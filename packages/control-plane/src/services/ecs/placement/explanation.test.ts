import { describe, expect, it } from 'vitest'
import { chosen, placed, sized } from '../fixtures/placements.ts'
import { given, instanceArn, placementRequest } from '../fixtures/rows.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'
import { causeOfRefusal, failuresOf, unableToPlace } from './explanation.ts'

const small = placementRequest().requirements

describe('an explanation', () => {
  const text = 'was unable to place a task because no container instance met all of its requirements.'
  const more = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

  it('says that there are no instances', async () => {
    expect(unableToPlace(await placed([], 1))).toBe(
      `${text} Reason: No Container Instances were found in your cluster. ${more}`,
    )
  })

  it('names the instance that got past most filters', async () => {
    const instances = [given.instance(1, { agentConnected: false }), sized(2, 4096, 256), sized(3, 128)]
    expect(unableToPlace(await placed(instances, 1))).toMatch(
      `${text} The closest matching (container-instance ${instanceArn(2).slice(-32)}) has insufficient memory available. ${more}`,
    )
    expect(unableToPlace(await placed([sized(3, 128)], 1))).toBe(
      `${text} The closest matching (container-instance ${instanceArn(3).slice(-32)}) has insufficient CPU units available. ${more}`,
    )
  })

  it('says how many instances each requirement has excluded', async () => {
    const rack = [{ name: 'ecs.availability-zone', value: 'b' }]
    const instances = [
      given.instance(1, { agentConnected: false }),
      sized(2, 128),
      sized(3, 128),
      given.instance(4, { attributes: rack }),
    ]
    const constraints = [
      { type: 'memberOf', expression: 'attribute:ecs.availability-zone == a' } as const,
      { type: 'distinctInstance' } as const,
    ]
    const placement = await placed([...instances, given.instance(5)], 2, { constraints })
    expect(chosen(placement)).toEqual([5])
    expect(unableToPlace(placement)).toMatch(
      `${more} Refused of 5 container instances: 2 for RESOURCE:CPU, 1 for AGENT, 1 for DistinctInstance placement constraint unsatisfied, 1 for MemberOf placement constraint unsatisfied.`,
    )
  })

  it('names GPUs as ECS does', async () => {
    const placement = await placed([given.instance(1)], 1, { requirements: { ...small, gpus: 1 } })
    expect(unableToPlace(placement)).toContain('has insufficient GPU resource available. For more')
  })

  it('has the same cause while the same is in the way, whichever instance is the closest', async () => {
    const cause = async (...instances: ContainerInstanceRow[]) => causeOfRefusal(await placed(instances, 1))
    expect(await cause(sized(1, 128))).toBe(await cause(sized(2, 128), sized(3, 64)))
    expect(await cause(sized(1, 128))).not.toBe(await cause(sized(1, 4096, 64)))
  })

  it('names the attributes that an instance lacks', async () => {
    const attributes = [{ name: 'com.amazonaws.ecs.capability.task-iam-role' }, { name: 'rack', value: 'r1' }]
    const placement = await placed([given.instance(1)], 1, { requirements: { ...small, attributes } })
    const lacks = 'com.amazonaws.ecs.capability.task-iam-role, rack=r1'
    expect(unableToPlace(placement)).toContain(`is missing an attribute required by your task (${lacks}). `)
    expect(failuresOf(placement)).toEqual([
      { arn: instanceArn(1), reason: 'ATTRIBUTE', detail: `Missing attributes: ${lacks}.` },
    ])
  })

  it('counts nobody as able to do what the control plane cannot give them yet', async () => {
    const attributes = [{ name: 'com.amazonaws.ecs.capability.ecr-auth' }]
    const placement = await placed([given.instance(1, { attributes })], 1, {
      requirements: { ...small, attributes },
    })
    expect(placement.refusals).toMatchObject([{ reason: 'ATTRIBUTE', lacks: [attributes[0]?.name] }])
  })

  it('quotes the reasons that ECS has no words for', async () => {
    const placement = await placed([given.instance(1, { agentConnected: false })], 1)
    expect(unableToPlace(placement)).toContain('encountered error "AGENT". ')
  })
})
