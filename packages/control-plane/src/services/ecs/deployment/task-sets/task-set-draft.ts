import {
  type Plan,
  put,
  remove,
  type Step,
  type Surroundings,
  unchanged,
} from '../../../../control-loop/plan.ts'
import type { View } from '../../../../store/view.ts'
import { clientTokens, type ServiceRow, services, type TaskSetRow, taskSets } from '../../tables/index.ts'
import type { Cohort } from '../cohort.ts'
import { ServiceDraft } from '../service-draft.ts'

/** A plan for a service with task sets while it is being made. */
export class TaskSetDraft extends ServiceDraft {
  readonly #before: readonly TaskSetRow[]
  #taskSets: readonly TaskSetRow[]

  constructor(view: View, service: ServiceRow, surroundings: Surroundings) {
    super(view, service, surroundings)
    this.#before = taskSetsOf(view, service.id)
    this.#taskSets = this.#before
  }

  get taskSets(): readonly TaskSetRow[] {
    return this.#taskSets
  }

  replaceTaskSet(taskSet: TaskSetRow): void {
    this.#taskSets = this.#taskSets.map(row => (row.id === taskSet.id ? taskSet : row))
  }

  keepTaskSets(keeps: (taskSet: TaskSetRow) => boolean): void {
    this.#taskSets = this.#taskSets.filter(keeps)
  }

  override sayOf({ id }: Pick<Cohort, 'id'>, message: string): void {
    this.say(message, `, taskSet ${id}`)
  }

  override plan(): Plan {
    const plan = super.plan()
    const steps = [...plan.steps, ...this.#before.flatMap(before => this.#stepsOf(before))]
    if (steps.length === 0) return plan
    return {
      ...plan,
      expects: [
        ...plan.expects,
        unchanged(this.view, services, this.service.id),
        ...this.#before.map(({ id }) => unchanged(this.view, taskSets, id)),
      ],
      steps,
    }
  }

  #stepsOf(before: TaskSetRow): Step[] {
    const after = this.#taskSets.find(({ id }) => id === before.id)
    if (after !== undefined) return after === before ? [] : [put(taskSets, after)]
    const { id, clientTokenId } = before
    const token = clientTokenId === undefined ? undefined : this.view.get(clientTokens, clientTokenId)
    // A token that was used again after a day is another set's.
    const isItsOwn = token?.resourceArns.some(arn => arn.endsWith(`/${id}`)) ?? false
    return [remove(taskSets, id), ...(token && isItsOwn ? [remove(clientTokens, token.id)] : [])]
  }
}

/** A service's task sets, oldest first. */
export const taskSetsOf = (view: View, serviceArn: string): readonly TaskSetRow[] =>
  [...view.where(taskSets, 'byService', serviceArn)].sort(
    (a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
  )
