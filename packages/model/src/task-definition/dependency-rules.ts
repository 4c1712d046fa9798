/** What must hold between containers: dependsOn and links. */
import type { ContainerLike, Problems } from './types.ts'

export function* dependencyProblems(containers: readonly ContainerLike[]): Problems {
  const byName = new Map(containers.map(container => [container.name ?? '', container]))
  for (const container of containers) yield* edgeProblems(container, byName)
  const cycle = findCycle(
    byName,
    container => container.dependsOn?.map(edge => edge.containerName ?? '') ?? [],
  )
  if (cycle) yield `There is a cycle in the container dependencies: ${cycle.join(' -> ')}.`
}

function* edgeProblems(container: ContainerLike, byName: ReadonlyMap<string, ContainerLike>): Problems {
  const name = container.name ?? ''
  for (const { containerName = '', condition } of container.dependsOn ?? []) {
    const target = byName.get(containerName)
    if (containerName === name) yield `Container '${name}' cannot depend on itself.`
    if (!target) yield `Container '${name}' depends on a container that does not exist: '${containerName}'.`
    else if (condition === 'HEALTHY' && !target.healthCheck)
      yield `Container '${name}' depends on '${containerName}' with the condition HEALTHY, but '${containerName}' has no health check.`
    else if ((condition === 'SUCCESS' || condition === 'COMPLETE') && target.essential !== false)
      yield 'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container'
  }
}

/** Links are `NAME` or `NAME:ALIAS`. */
export function* linkProblems(containers: readonly ContainerLike[], networkMode: string): Problems {
  const byName = new Map(containers.map(container => [container.name ?? '', container]))
  for (const { name, links = [] } of containers) {
    if (links.length > 0 && networkMode !== 'bridge')
      yield `Links are not supported when networkMode=${networkMode}.`
    for (const link of links) {
      const target = linkTarget(link)
      if (!/^[\w-]+(:[\w.-]+)?$/.test(link)) yield `Invalid link '${link}' of container '${name}'.`
      else if (target === name) yield `Container '${name}' cannot link to itself.`
      else if (!byName.has(target))
        yield `Container '${name}' links to a container that does not exist: '${target}'.`
    }
  }
  const cycle = findCycle(byName, container => container.links?.map(linkTarget) ?? [])
  if (cycle) yield `There is a cycle in the container links: ${cycle.join(' -> ')}.`
}

const linkTarget = (link: string): string => link.split(':', 1)[0] ?? ''

const findCycle = (
  byName: ReadonlyMap<string, ContainerLike>,
  targets: (container: ContainerLike) => readonly string[],
): readonly string[] | undefined => {
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    const container = byName.get(name)
    if (done.has(name) || !container) return undefined
    for (const target of targets(container)) {
      const cycle = visit(target, [...path, name])
      if (cycle) return cycle
    }
    done.add(name)
    return undefined
  }
  for (const name of byName.keys()) {
    const cycle = visit(name, [])
    if (cycle) return cycle
  }
  return undefined
}
