import { type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import {
  append,
  type Expectation,
  type Plan,
  put,
  remove,
  type Step,
  type Surroundings,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { AnyTable, Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { type VolumeRow, volumes } from '../../ec2/index.ts'
import { type RuleRow, rules } from '../../elbv2/index.ts'
import {
  type DeploymentRow,
  deployments,
  pastServiceRevisions,
  type ServiceDeploymentRow,
  type ServiceRow,
  serviceDeployments,
  serviceEvents,
  services,
  type TaskCounts,
  type TaskRow,
  tasks,
} from '../tables/index.ts'
import type { Cohort } from './cohort.ts'
import { latestServiceDeployment } from './service-deployments/new-service-deployment.ts'
import { revisionRecordOf } from './service-deployments/revision-record.ts'
import { countsOfDeployment, type Standing } from './service-deployments/standing.ts'
import { serviceEvent } from './service-events.ts'

/** A plan for one service while it is being made: what it read, and what it will write. */
export class ServiceDraft {
  readonly view: View
  readonly now: Millis
  readonly randomHex: Surroundings['randomHex']
  #service: ServiceRow
  /** Oldest first, so that the primary one is the last. */
  #deployments: readonly DeploymentRow[]
  #serviceDeployment: ServiceDeploymentRow | undefined
  readonly #before: {
    readonly service: ServiceRow
    readonly deployments: readonly DeploymentRow[]
    readonly serviceDeployment: ServiceDeploymentRow | undefined
  }
  readonly #expects: Expectation[] = []
  readonly #taskSteps: Step[] = []
  readonly #requests: Step[] = []
  readonly #messages: { readonly about: string; readonly text: string }[] = []
  #wakeAt: Millis | undefined
  unfinished = false

  constructor(view: View, service: ServiceRow, { now, randomHex }: Surroundings) {
    this.view = view
    this.now = now
    this.randomHex = randomHex
    this.#service = service
    this.#deployments = deploymentsOf(view, service)
    this.#serviceDeployment = latestServiceDeployment(view, service.id)
    this.#before = {
      service,
      deployments: this.#deployments,
      serviceDeployment: this.#serviceDeployment,
    }
  }

  get service(): ServiceRow {
    return this.#service
  }

  get deployments(): readonly DeploymentRow[] {
    return this.#deployments
  }

  get primary(): DeploymentRow | undefined {
    return this.#deployments.find(({ id }) => id === this.#service.primaryDeploymentId)
  }

  /** The latest one, under way or ended; absent where an earlier release deployed. */
  get serviceDeployment(): ServiceDeploymentRow | undefined {
    return this.#serviceDeployment
  }

  /** What a service deployment is told from, as the plan leaves it. */
  get standing(): Standing {
    return {
      service: this.#service,
      deploymentOf: id => this.#deployments.find(row => row.id === id),
      countsOf: id => this.countsOf(id),
    }
  }

  /** True while the plan starts and stops nothing. */
  get isQuiet(): boolean {
    return this.#taskSteps.length === 0 && !this.unfinished
  }

  countsOf(deploymentId: string): Readonly<TaskCounts> {
    return countsOfDeployment(this.view, deploymentId)
  }

  change(change: Partial<ServiceRow>): void {
    this.#service = { ...this.#service, ...change }
  }

  replace(deployment: DeploymentRow): void {
    this.#deployments = this.#deployments.map(row => (row.id === deployment.id ? deployment : row))
  }

  /** Of a deployment, or of a task set: what its tasks are started with, or what became of them. */
  changeCohort(id: string, change: Partial<Omit<Cohort, 'id'>>): void {
    this.#deployments = this.#deployments.map(row => (row.id === id ? { ...row, ...change } : row))
  }

  /** A new one, or one of the others, that is the primary one from now on. */
  promote(deployment: DeploymentRow): void {
    this.#deployments = [...this.#deployments.filter(({ id }) => id !== deployment.id), deployment]
    this.change({ primaryDeploymentId: deployment.id })
  }

  replaceServiceDeployment(row: ServiceDeploymentRow): void {
    this.#serviceDeployment = row
  }

  /** Keeps those deployments for which `keeps` holds. */
  keepDeployments(keeps: (deployment: DeploymentRow) => boolean): void {
    this.#deployments = this.#deployments.filter(keeps)
  }

  putTask(task: TaskRow): void {
    this.expect(tasks, task.id)
    this.#taskSteps.push(put(tasks, task))
  }

  /** Asks the outside for something; the effect's result changes its row. */
  request(effect: EffectRow): void {
    this.expect(effects, effect.id)
    this.#requests.push(put(effects, effect))
  }

  /** A new volume of a new task. */
  putVolume(volume: VolumeRow): void {
    this.expect(volumes, volume.id)
    this.#taskSteps.push(put(volumes, volume))
  }

  /** A rule of a load balancer that directs the service's traffic. */
  putRule(rule: RuleRow): void {
    this.expect(rules, rule.id)
    this.#requests.push(put(rules, rule))
  }

  /** Notes that the plan was made from this row as it is. */
  expect(table: AnyTable, id: string): void {
    this.#expects.push(unchanged(this.view, table, id))
  }

  /** An event of the service; its beginning, `(service NAME) `, is added, with what else it is `about`. */
  say(text: string, about = ''): void {
    this.#messages.push({ about, text })
  }

  /** An event of one of its cohorts. */
  sayOf(_cohort: Pick<Cohort, 'id'>, message: string): void {
    this.say(message)
  }

  /** Reconciles again at this time at the latest. */
  wake(at: Millis): void {
    this.#wakeAt = Math.min(this.#wakeAt ?? at, at)
  }

  plan(): Plan {
    const steps = [...this.#taskSteps, ...this.#requests, ...this.#deploymentSteps()]
    const latest = this.#serviceDeployment
    if (latest !== undefined && latest !== this.#before.serviceDeployment)
      steps.push(put(serviceDeployments, latest))
    if (this.#service !== this.#before.service) steps.push(put(services, this.#service))
    for (const { about, text } of this.#messages)
      steps.push(
        append(serviceEvents, serviceEvent(this.#service, text, this.now, this.randomHex(16), about)),
      )
    if (steps.length > 0) {
      this.expect(services, this.#service.id)
      for (const { id } of this.#before.deployments) this.expect(deployments, id)
      if (latest !== undefined) this.expect(serviceDeployments, latest.id)
    }
    return {
      expects: this.#expects,
      steps,
      ...(this.#wakeAt === undefined ? {} : { wakeAt: this.#wakeAt }),
      ...(this.unfinished ? { unfinished: true } : {}),
    }
  }

  #deploymentSteps(): Step[] {
    const known = new Set(this.#before.deployments.map(({ id }) => id))
    const added = this.#deployments.filter(({ id }) => !known.has(id)).map(row => put(deployments, row))
    const changed = this.#before.deployments.flatMap(before => {
      const after = this.#deployments.find(({ id }) => id === before.id)
      if (after === undefined)
        return [
          append(pastServiceRevisions, revisionRecordOf(this.view, this.#service, before)),
          remove(deployments, before.id),
        ]
      return after === before ? [] : [put(deployments, after)]
    })
    return [...changed, ...added]
  }
}

/** A service's deployments, oldest first; the primary one is the last. */
export const deploymentsOf = (view: View, service: ServiceRow): readonly DeploymentRow[] =>
  [...view.where(deployments, 'byService', service.id)].sort(
    (a, b) =>
      Number(a.id === service.primaryDeploymentId) - Number(b.id === service.primaryDeploymentId) ||
      a.createdAt - b.createdAt ||
      (a.id < b.id ? -1 : 1),
  )
