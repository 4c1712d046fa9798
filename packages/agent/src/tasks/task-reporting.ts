import { isFinal, nothingReported, type Report, type Reported, reportSince } from './task-report.ts'
import type { TaskState } from './task-state.ts'

/** How far the control plane has been told of a task. */
export class TaskReporting {
  /** What has been handed over for sending, and what the control plane has acknowledged. */
  #handedOver: Reported
  #acknowledged: Reported

  constructor(acknowledged: Reported) {
    this.#handedOver = acknowledged
    this.#acknowledged = acknowledged
  }

  get acknowledged(): Reported {
    return this.#acknowledged
  }

  acknowledge(reported: Reported): void {
    this.#acknowledged = reported
  }

  /** Everything is to be told again. */
  forget(): void {
    this.#handedOver = nothingReported
  }

  /** What has not been handed over yet; it is, from now on. */
  take(task: TaskState): Report | undefined {
    const report = reportSince(task, this.#handedOver)
    if (report) this.#handedOver = report.reported
    return report
  }

  /** The end of everything has been acknowledged. */
  isOver(task: TaskState): boolean {
    return isFinal(task, this.#acknowledged)
  }
}
