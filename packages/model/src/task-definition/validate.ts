import { containerProblems } from './container-rules.ts'
import { networkModeOf } from './defaults.ts'
import { dependencyProblems } from './dependency-rules.ts'
import { externalProblems, fargateProblems } from './launch-type-rules.ts'
import { firelensProblems } from './log-rules.ts'
import { networkProblems } from './network-rules.ts'
import { taskProblems } from './task-rules.ts'
import type { DefinitionLike, Problems } from './types.ts'

/** The first thing that ECS refuses in a task definition, in its words; undefined when it may be registered. */
export const problemOf = (definition: DefinitionLike): string | undefined => {
  for (const problem of problems(definition)) return problem
  return undefined
}

function* problems(definition: DefinitionLike): Problems {
  const containers = definition.containerDefinitions ?? []
  yield* taskProblems(definition)
  for (const container of containers) yield* containerProblems(container, definition)
  yield* dependencyProblems(containers)
  const networkMode = networkModeOf(definition)
  yield* networkProblems(containers, networkMode)
  if (definition.requiresCompatibilities?.includes('FARGATE')) yield* fargateProblems(definition)
  if (definition.requiresCompatibilities?.includes('EXTERNAL'))
    yield* externalProblems({ ...definition, networkMode })
  yield* firelensProblems(containers)
}
