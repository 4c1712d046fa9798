/** The next revision of a task definition: the one that a service has, with other images or variables. */
import { isDeepStrictEqual } from 'node:util'
import type {
  ContainerDefinition,
  RegisterTaskDefinitionRequest,
  Tag,
  TaskDefinition,
} from '@aws-sdk/client-ecs'
import { UsageError } from '../failures.ts'

export interface RevisionChange {
  /** `IMAGE`, or `CONTAINER=IMAGE`. */
  readonly images: readonly string[]
  /** `NAME=VALUE`: for the containers that get an image, else for the main one. */
  readonly environment: readonly string[]
}

/** What RegisterTaskDefinition takes of what DescribeTaskDefinition gave. */
export const registrable = (
  definition: TaskDefinition,
  tags: readonly Tag[] = [],
): RegisterTaskDefinitionRequest => {
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _requiresAttributes,
    compatibilities: _compatibilities,
    registeredAt: _registeredAt,
    registeredBy: _registeredBy,
    deregisteredAt: _deregisteredAt,
    deleteRequestedAt: _deleteRequestedAt,
    ...rest
  } = definition
  return {
    ...rest,
    family: definition.family,
    containerDefinitions: definition.containerDefinitions ?? [],
    ...(tags.length > 0 && { tags: tags.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1)) }),
  }
}

/** Throws UsageError, which names the containers there are. */
export const changedRevision = (
  before: RegisterTaskDefinitionRequest,
  { images, environment }: RevisionChange,
): RegisterTaskDefinitionRequest => {
  const containers = before.containerDefinitions ?? []
  const imageOf = new Map(images.map(given => imageFor(containers, given)))
  if (imageOf.size < images.length) throw new UsageError('Two images are given for one container.')
  const variables = environment.map(variableOf)
  const changed = new Set(imageOf.size > 0 ? imageOf.keys() : [mainContainer(containers)])
  return {
    ...before,
    containerDefinitions: containers.map(container => {
      const { name = '', image } = container
      if (!changed.has(name)) return container
      return withVariables({ ...container, image: imageOf.get(name) ?? image }, variables)
    }),
  }
}

/** Equal but for the order of tags, which means nothing. */
export const isSameRevision = (a: RegisterTaskDefinitionRequest, b: RegisterTaskDefinitionRequest): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))

/** No reference of an image has an equals sign in it. */
const imageFor = (containers: readonly ContainerDefinition[], given: string): readonly [string, string] => {
  const equals = given.indexOf('=')
  const name = equals < 0 ? mainContainer(containers) : given.slice(0, equals)
  const image = given.slice(equals + 1)
  if (image === '') throw new UsageError(`An image is missing: ${given}`)
  if (!containers.some(container => container.name === name))
    throw new UsageError(
      `There is no container ${name}; the task definition has ${namesOf(containers).join(', ')}.`,
    )
  return [name, image]
}

/** The only container, or the only essential one. */
const mainContainer = (containers: readonly ContainerDefinition[]): string => {
  const essential = containers.filter(container => container.essential !== false)
  const [only, ...others] = containers.length === 1 ? containers : essential
  if (only?.name === undefined || others.length > 0)
    throw new UsageError(
      `Say which container it is for: CONTAINER=IMAGE, of ${namesOf(containers).join(', ')}.`,
    )
  return only.name
}

const namesOf = (containers: readonly ContainerDefinition[]): string[] =>
  containers.map(({ name = '' }) => name)

const variableOf = (given: string): { readonly name: string; readonly value: string } => {
  const equals = given.indexOf('=')
  if (equals < 1) throw new UsageError(`A variable must look like NAME=VALUE, not ${given}.`)
  return { name: given.slice(0, equals), value: given.slice(equals + 1) }
}

/** A variable that is there already keeps its place. */
const withVariables = (
  container: ContainerDefinition,
  variables: readonly { readonly name: string; readonly value: string }[],
): ContainerDefinition => {
  if (variables.length === 0) return container
  const environment = [...(container.environment ?? [])]
  for (const variable of variables) {
    const index = environment.findIndex(({ name }) => name === variable.name)
    if (index < 0) environment.push(variable)
    else environment[index] = variable
  }
  return { ...container, environment }
}
