import { type ControlLoop, createControlLoop } from '../packages/control-plane/src/control-loop/loop.ts'
import type { ServiceSettings } from '../packages/control-plane/src/services/ecs/deployment/service-plan.ts'
import { serviceReconciler } from '../packages/control-plane/src/services/ecs/reconcilers/services.ts'
import type { JournaledStore } from '../packages/control-plane/src/store/journaled-store.ts'
import { createSystemClock } from '../packages/control-plane/src/system-clock.ts'
import { hex, processorMs } from './placement-cluster.ts'

/** The real control loop with the reconciler of services; `turnTook` is told what each turn takes of the processor. */
export const timedLoop = (
  store: JournaledStore,
  settings: ServiceSettings,
  turnTook: (ms: number) => void,
): ControlLoop =>
  createControlLoop({
    store,
    clock: createSystemClock(),
    reconcilers: [serviceReconciler(settings)],
    randomHex: hex,
    schedule: turn =>
      setImmediate(() => {
        const started = processorMs()
        turn()
        turnTook(processorMs() - started)
      }),
    onFault: error => {
      throw error
    },
  })
