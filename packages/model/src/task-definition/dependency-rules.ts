/** What must hold between containers: dependsOn and links. */
import type { ContainerLike, Problems } from './types.ts'

export function* dependencyProblems(containers: readonly ContainerLike[]): Problems {
  const byName = new Map(containers.map(container => [container.name ?? '', container]))
  for (const container of containers) yield* edgeProblems(container, byName)
  const depends = (container: ContainerLike) =>
    container.dependsOn?.map(edge => edge.containerName ?? '') ?? []
  const links = (container: ContainerLike) => container.links?.map(linkTarget) ?? []
  const volumes = (container: ContainerLike) =>
    container.volumesFrom?.map(from => from.sourceContainer ?? '') ?? []
  if (findCycle(byName, links)) yield 'Container links should not have a cycle'
  // A link and volumesFrom order the containers as dependsOn does: together they can wait for each other, too.
  const cycle =
    findCycle(byName, depends) ??
    findCycle(byName, container => [...depends(container), ...links(container), ...volumes(container)])
  if (cycle) yield `There is a cycle in the container dependencies: ${cycle.join(' -> ')}.`
}

function* edgeProblems(container: ContainerLike, byName: ReadonlyMap<string, ContainerLike>): Problems {
  const name = container.name ?? ''
  for (const { containerName = '', condition } of container.dependsOn ?? []) {
    const target = byName.get(containerName)
    if (containerName === name) yield `Container '${name}' cannot depend on itself.`
    // The stray plus sign is in what ECS says.
    if (!target) yield `Cannot depend on container + '${containerName}' because it does not exist`
    else if (condition === 'HEALTHY' && !hasHealthCheck(target))
      yield 'A dependency container with HEALTHY condition must have health check configured'
    else if ((condition === 'SUCCESS' || condition === 'COMPLETE') && target.essential !== false)
      yield 'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container'
  }
}

const hasHealthCheck = ({ healthCheck }: ContainerLike): boolean =>
  healthCheck !== undefined && healthCheck.command?.[0] !== 'NONE'

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
