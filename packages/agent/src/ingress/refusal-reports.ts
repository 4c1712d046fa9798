/** Tells the control plane whose newest configuration HAProxy does not take: all of them when one has changed. */
import type { BerthLoadBalancerRefusals } from '@berth/model'

export class RefusalReports {
  readonly #send: (message: BerthLoadBalancerRefusals) => boolean
  #reported: string | undefined

  constructor(send: (message: BerthLoadBalancerRefusals) => boolean) {
    this.#send = send
  }

  /** The control plane knows nothing of what was said in an earlier session. */
  sessionOpened(): void {
    this.#reported = undefined
  }

  /** By ARN of a load balancer: what HAProxy says against it. */
  report(reasons: ReadonlyMap<string, string>): void {
    const message = {
      refused: [...reasons].map(([loadBalancerArn, reason]) => ({ loadBalancerArn, reason })),
    }
    const text = JSON.stringify(message)
    if (text !== this.#reported && this.#send(message)) this.#reported = text
  }
}
