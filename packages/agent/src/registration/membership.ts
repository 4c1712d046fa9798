/** Whether this host belongs to a cluster: joins, leaves what has forgotten it, and stays away from what has put it out. */
import { acsCloseCodes } from '@berth/model'
import type { Log } from '../log.ts'
import { InstanceUnknown, type Registered, type Registration } from './registration.ts'

export class Membership {
  readonly #registration: Registration
  readonly #log: Log
  #registered: Registered | undefined
  /** Who was deregistered stays away until somebody starts the agent again. */
  #isDeregistered = false

  constructor(registration: Registration, log: Log) {
    this.#registration = registration
    this.#log = log
  }

  get containerInstanceArn(): string {
    return this.#registered?.containerInstanceArn ?? ''
  }

  async join(): Promise<Registered> {
    this.#registered = await this.#registration.register()
    this.#log.info(this.#registered, 'registered')
    return this.#registered
  }

  /** Where the session is to be held, and as whom. Joins first where that is needed. */
  async session(): Promise<{ readonly endpoint: URL; readonly registered: Registered }> {
    const registered = this.#registered ?? (await this.join())
    try {
      return { endpoint: await this.#registration.pollEndpoint(), registered }
    } catch (error) {
      if (error instanceof InstanceUnknown) this.#leave()
      throw error
    }
  }

  /** Where telemetry goes, and whose it is. Rejects while the host has not joined: the command session sees to that. */
  async telemetry(): Promise<{ readonly endpoint: URL; readonly containerInstanceArn: string }> {
    if (this.#registered === undefined) throw new Error('this host has not joined its cluster')
    const { containerInstanceArn } = this.#registered
    return { endpoint: await this.#registration.telemetryEndpoint(), containerInstanceArn }
  }

  /** `code`: the WebSocket's close code. */
  sessionClosed(code: number): void {
    this.#isDeregistered ||= code === acsCloseCodes.inactive
  }

  /** `code`: the exception that the session was refused with. */
  sessionRefused(code: string): void {
    this.#isDeregistered ||= code === 'InactiveInstanceException'
    if (code === 'InvalidInstanceException' || code === 'InvalidClusterException') this.#leave()
  }

  #leave(): void {
    if (this.#isDeregistered) return
    this.#registration.forget()
    this.#registered = undefined
  }
}
