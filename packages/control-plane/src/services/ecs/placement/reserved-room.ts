/**
 * Instances keep room for the daemons that they are to have: no other task takes it while one is missing there.
 * (AWS: "Daemon scheduling strategy": "Amazon ECS reserves container instance compute resources including CPU, memory, and
 * network interfaces for the daemon tasks")
 */
import type { View } from '../../../store/view.ts'
import { services, taskDefinitions } from '../tables/index.ts'
import type { Candidate } from './candidate.ts'
import { type DaemonPlaces, daemonPlacesOf } from './daemon-places.ts'

const none: readonly DaemonPlaces[] = []

/** The daemons of a cluster that are to run. The same ones, in the same order, until one of them changes what it needs. */
export const daemonsOf = (view: View, clusterArn: string): readonly DaemonPlaces[] => {
  if (view.count(services, 'daemons', clusterArn) === 0) return none
  const daemons: DaemonPlaces[] = []
  for (const service of view.where(services, 'daemons', clusterArn)) {
    const taskDefinition = view.get(taskDefinitions, service.taskDefinitionArn)
    if (taskDefinition && !service.paused) daemons.push(daemonPlacesOf(view, service, taskDefinition))
  }
  return daemons
}

/** Takes off what is free at a candidate what its missing daemons need. */
export const reserveRoom = (candidate: Candidate, daemons: readonly DaemonPlaces[]): void => {
  for (const daemon of daemons) {
    if (!daemon.isVacant(candidate.instance.id)) continue
    const { cpu, memoryMiB, gpus, enis, ports } = daemon.requirements
    candidate.cpu -= cpu
    candidate.memoryMiB -= memoryMiB
    candidate.freeGpuIds = candidate.freeGpuIds.slice(gpus)
    candidate.enis -= enis
    if (ports.length > 0) candidate.reservedPorts = [...candidate.reservedPorts, ...ports]
  }
}
