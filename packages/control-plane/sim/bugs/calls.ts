/** Bugs of the operations. */

import { containerInstances } from '../../src/services/ecs/tables/index.ts'
import type { PlantedBug } from '../seams.ts'
import { root } from '../servers/sim-server.ts'
import { withOperation } from './seen-through.ts'

export const doubledEffect: PlantedBug = {
  name: 'doubled-effect',
  says: 'RunTask with a token that was used before runs its tasks again.',
  seams: () => ({
    service: service =>
      withOperation(service, 'RunTask', honest => (request, call) => {
        const { clientToken: _, ...rest } = request as { readonly clientToken?: string }
        return honest.handle(rest, call)
      }),
  }),
}

export const wrongAdoption: PlantedBug = {
  name: 'wrong-adoption',
  says: 'A new host is taken for one that is away.',
  seams: () => ({
    service: service =>
      withOperation(service, 'RegisterContainerInstance', honest => (request, call) => {
        const known = [...call.store.all(containerInstances)]
        const away = known.find(({ agentConnected, status }) => !agentConnected && status === 'ACTIVE')
        const own = (request as { readonly containerInstanceArn?: string }).containerInstanceArn
        if (own !== undefined || away === undefined) return honest.handle(request, call)
        return honest.handle({ ...request, containerInstanceArn: away.id }, { ...call, identity: root })
      }),
  }),
}

export const forgottenStop: PlantedBug = {
  name: 'forgotten-stop',
  says: 'Now and then StopTask answers as if it had stopped the task, and does nothing.',
  seams: () => ({
    service: (service, { random }) =>
      withOperation(
        service,
        'StopTask',
        honest => (request, call) => (random.chance(0.2) ? {} : honest.handle(request, call)),
      ),
  }),
}

export const ignoredStop: PlantedBug = {
  name: 'ignored-stop',
  says: 'StopServiceDeployment answers as if it had stopped the service deployment, and does nothing.',
  seams: () => ({
    service: service =>
      withOperation(service, 'StopServiceDeployment', () => request => {
        const { serviceDeploymentArn } = request as { readonly serviceDeploymentArn?: string }
        return { serviceDeploymentArn }
      }),
  }),
}
