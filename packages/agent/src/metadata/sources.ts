/** Whether a request comes from the task whose id it says. */
import type { Engine } from '../engine/engine.ts'
import { networkModeOf } from '../tasks/container-spec/index.ts'
import type { TaskState } from '../tasks/task-state.ts'

export interface Sources {
  isOf(task: TaskState, address: string): Promise<boolean>
}

/** The network interface that a host knows by a link address. */
export type InterfaceAt = (
  linkAddress: string,
) => { readonly fact: { readonly interfaceId: string } } | undefined

const hasInterface = ({ payload }: TaskState, interfaceId: string | undefined): boolean =>
  interfaceId !== undefined &&
  payload.elasticNetworkInterfaces?.some(({ ec2Id }) => ec2Id === interfaceId) === true

/**
 * On a bridge every container has an address of its own, which the engine is asked for when a request comes from one that
 * is not known: a container that asks is up, and has it. An interface of awsvpc mode has a link address of its own. In the host's
 * network the id alone has to do.
 */
export const createSources = (engine: Engine, interfaceAt: InterfaceAt): Sources => {
  /** The container that last had an address. */
  const holders = new Map<string, string>()
  const learn = async (runtimeId: string): Promise<void> => {
    const view = await engine.inspect(runtimeId)
    for (const { ipv4, ipv6 } of view?.networks ?? [])
      for (const address of [ipv4, ipv6]) if (address !== undefined) holders.set(address, runtimeId)
  }
  const isHeld = (task: TaskState, address: string): boolean => {
    const holder = holders.get(address)
    return (
      holder !== undefined &&
      task.containers.some(({ runtimeId, step }) => runtimeId === holder && step !== 'STOPPED')
    )
  }
  return {
    isOf: async (task, address) => {
      const mode = networkModeOf(task.payload)
      if (mode === 'awsvpc') return hasInterface(task, interfaceAt(address)?.fact.interfaceId)
      if (mode !== 'bridge') return true
      if (isHeld(task, address)) return true
      for (const { runtimeId, step } of task.containers)
        if (runtimeId !== undefined && step !== 'STOPPED') await learn(runtimeId)
      return isHeld(task, address)
    },
  }
}
