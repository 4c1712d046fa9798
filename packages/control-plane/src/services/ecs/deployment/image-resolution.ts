/**
 * One image for all tasks of a deployment: the first task establishes what its images' tags stand for, and the others
 * wait for it. (AWS: "Deploy Amazon ECS services by replacing tasks", "Container image resolution")
 */
import { parseImageReference } from '@berth/model'
import { type TaskDefinitionRow, type TaskRow, taskDefinitions, tasks } from '../tables/index.ts'
import type { Cohort } from './cohort.ts'
import type { ServiceDraft } from './service-draft.ts'

/** After so many tasks that failed before they said what their images are, a deployment goes on without digests. */
const attemptsAtMost = 3

/** Containers whose image is named by something that may come to stand for another. */
const containersToResolve = ({ definition }: TaskDefinitionRow): readonly string[] =>
  (definition.containerDefinitions ?? [])
    .filter(({ versionConsistency }) => versionConsistency !== 'disabled')
    .filter(({ image = '' }) => parseImageReference(image).digest === undefined)
    .map(({ name = '' }) => name)

export const mustResolve = ({ imageDigests }: Cohort, definition: TaskDefinitionRow): boolean =>
  imageDigests === undefined && containersToResolve(definition).length > 0

/** The task's host has said all that it will ever say of its images. An image that came from no registry has no digest. */
export const hasResolved = ({ imagesResolved, lastStatus, containers }: TaskRow): boolean =>
  imagesResolved === true ||
  lastStatus === 'RUNNING' ||
  containers.every(({ imageDigest }) => imageDigest !== undefined)

const digestsOf = (definition: TaskDefinitionRow, task: TaskRow): Readonly<Record<string, string>> => {
  const names = new Set(containersToResolve(definition))
  return Object.fromEntries(
    task.containers.flatMap(({ name, imageDigest }) =>
      names.has(name) && imageDigest !== undefined ? [[name, imageDigest]] : [],
    ),
  )
}

/**
 * How many of `count` tasks the cohort may launch now: one as long as nobody has said what its images are, and none
 * beside that one. Notes the digests once they are established.
 */
export const launchableNow = (
  draft: ServiceDraft,
  cohort: Cohort,
  definition: TaskDefinitionRow,
  count: number,
): number => {
  if (!mustResolve(cohort, definition)) return count
  const live = [...draft.view.where(tasks, 'byDeployment', cohort.id)]
  const resolver = live.find(hasResolved)
  if (resolver === undefined && cohort.failedTasks < attemptsAtMost)
    return live.length > 0 ? 0 : Math.min(count, 1)
  establish(draft, cohort.id, resolver ? digestsOf(definition, resolver) : {})
  return count
}

/**
 * Notes what a task has said as soon as it has: it may be gone, and its deployment complete, before another is launched. What
 * is being replaced launches tasks, too.
 */
export const establishImages = (draft: ServiceDraft): void => {
  for (const deployment of draft.deployments) establishImagesOf(draft, deployment)
}

const establishImagesOf = (draft: ServiceDraft, cohort: Cohort): void => {
  const definition = draft.view.get(taskDefinitions, cohort.taskDefinitionArn)
  if (definition === undefined || !mustResolve(cohort, definition)) return
  for (const task of draft.view.where(tasks, 'byDeployment', cohort.id))
    if (hasResolved(task)) {
      establish(draft, cohort.id, digestsOf(definition, task))
      return
    }
}

/** A deployment that completed without a task is rolled back to with the images that it has had since. */
const establish = (
  draft: ServiceDraft,
  cohortId: string,
  imageDigests: NonNullable<Cohort['imageDigests']>,
): void => {
  draft.changeCohort(cohortId, { imageDigests })
  const { lastCompleted } = draft.service
  if (lastCompleted?.deploymentId === cohortId)
    draft.change({ lastCompleted: { ...lastCompleted, imageDigests } })
}
