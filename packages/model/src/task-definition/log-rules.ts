/** What log drivers need, and what FireLens asks of the containers together. */
import type { ContainerLike, Problems } from './types.ts'

export function* logProblems({ name, logConfiguration }: ContainerLike): Problems {
  const { logDriver, options = {} } = logConfiguration ?? {}
  const needed = logDriver === 'awslogs' ? ['awslogs-group', 'awslogs-region'] : []
  const missing = needed.filter(option => !options[option])
  if (missing.length > 0) yield `Log driver awslogs requires options: ${missing.join(', ')}`
  // What FireLens is told is its router's to read.
  const mode = logDriver === 'awsfirelens' ? undefined : options['mode']
  if (mode !== undefined && mode !== 'blocking' && mode !== 'non-blocking')
    yield `Invalid setting for container '${name}'. The log option mode must be 'blocking' or 'non-blocking', but was '${mode}'.`
}

/** One router, and somebody who sends to it. */
export function* firelensProblems(containers: readonly ContainerLike[]): Problems {
  const routers = containers.filter(container => container.firelensConfiguration)
  const hasSenders = containers.some(container => container.logConfiguration?.logDriver === 'awsfirelens')
  if (routers.length > 1) yield 'Only one container can have a firelensConfiguration object.'
  if (routers.length > 0 && !hasSenders)
    yield 'When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver'
  if (routers.length === 0 && hasSenders)
    yield 'When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified'
  for (const router of routers) {
    if (router.logConfiguration?.logDriver === 'awsfirelens')
      yield `Container '${router.name}' routes logs with FireLens and cannot use the awsfirelens log driver itself.`
  }
}
