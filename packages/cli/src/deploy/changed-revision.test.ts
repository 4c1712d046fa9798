import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../failures.ts'
import { changedRevision, isSameRevision, registrable } from './changed-revision.ts'

const definition = (...containerDefinitions: ContainerDefinition[]): TaskDefinition => ({
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/web:3',
  family: 'web',
  revision: 3,
  status: 'ACTIVE',
  registeredBy: 'arn:aws:iam::000000000000:root',
  registeredAt: new Date(0),
  compatibilities: ['EC2'],
  requiresAttributes: [{ name: 'x' }],
  volumes: [],
  cpu: '256',
  containerDefinitions,
})
const web: ContainerDefinition = { name: 'web', image: 'web:1', essential: true }
const proxy: ContainerDefinition = { name: 'proxy', image: 'proxy:1', essential: false }

const after = (
  images: readonly string[],
  environment: readonly string[] = [],
  ...containers: ContainerDefinition[]
) =>
  changedRevision(registrable(definition(...(containers.length > 0 ? containers : [web]))), {
    images,
    environment,
  }).containerDefinitions

describe('the next revision', () => {
  it('is the one before with another image, without what only answers have', () => {
    const before = registrable(definition(web), [
      { key: 'team', value: 'a' },
      { key: 'env', value: 'b' },
    ])
    expect(changedRevision(before, { images: ['registry:5000/web:2'], environment: [] })).toEqual({
      family: 'web',
      volumes: [],
      cpu: '256',
      containerDefinitions: [{ ...web, image: 'registry:5000/web:2' }],
      tags: [
        { key: 'env', value: 'b' },
        { key: 'team', value: 'a' },
      ],
    })
  })

  it('has the image in the only essential container, or in the one that is named', () => {
    expect(after(['web:2'], [], proxy, web)).toEqual([proxy, { ...web, image: 'web:2' }])
    expect(after(['proxy=proxy:2'], [], proxy, web)).toEqual([{ ...proxy, image: 'proxy:2' }, web])
    expect(after(['web:2', 'proxy=p@sha256:0'], [], proxy, web)).toMatchObject([
      { image: 'p@sha256:0' },
      { image: 'web:2' },
    ])
  })

  it('sets variables in the containers that get an image, else in the main one', () => {
    const withVersion = {
      ...web,
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    }
    expect(after([], ['A=x=y', 'C='], proxy, withVersion)).toEqual([
      proxy,
      {
        ...web,
        environment: [
          { name: 'A', value: 'x=y' },
          { name: 'B', value: '2' },
          { name: 'C', value: '' },
        ],
      },
    ])
    expect(after(['proxy=p:2'], ['A=1'], proxy, web)).toEqual([
      { ...proxy, image: 'p:2', environment: [{ name: 'A', value: '1' }] },
      web,
    ])
  })

  it.each([
    [['nothing=web:2'], [], 'There is no container nothing; the task definition has web.'],
    [['web='], [], 'An image is missing: web='],
    [['web:2', 'web=web:3'], [], 'Two images are given for one container.'],
    [[], ['A'], 'A variable must look like NAME=VALUE, not A.'],
  ])('refuses images %j with variables %j', (images, environment, message) => {
    expect(() => after(images, environment)).toThrow(new UsageError(message))
  })

  it('asks which container is meant when several are essential', () => {
    const other = { ...proxy, essential: true }
    expect(() => after(['web:2'], [], web, other)).toThrow(
      'Say which container it is for: CONTAINER=IMAGE, of web, proxy.',
    )
  })

  it('is the same one when nothing that is registered differs', () => {
    const before = registrable(definition(web), [{ key: 'a', value: 'b' }])
    const same = registrable({ ...definition({ ...web }), revision: 4 }, [{ key: 'a', value: 'b' }])
    expect(isSameRevision(before, same)).toBe(true)
    expect(isSameRevision(before, registrable(definition(web)))).toBe(false)
    expect(isSameRevision(before, changedRevision(before, { images: ['web:2'], environment: [] }))).toBe(
      false,
    )
  })
})
