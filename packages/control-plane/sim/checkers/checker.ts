/** Checkers look from outside: at what engines run, what the API says, and what is on the wire. */
import type { Volume } from '@aws-sdk/client-ec2'
import type { ContainerInstance, Service, ServiceDeployment, Task } from '@aws-sdk/client-ecs'
import type { AcsFrame } from '@berth/model'
import type { SimContainer, SimVolume } from '../hosts/engine.ts'
import type { SeenBalancing } from './balancing-seen.ts'

/** What the API said at one moment. */
export interface Observation {
  /** True time. */
  readonly at: number
  /** The time of the server that answered, in milliseconds. */
  readonly serverNow: number
  /** When that was in true time, of a time that the API says. */
  readonly trueTime: (time: Date | undefined) => number
  readonly epoch: number
  /** Since when the server that answered leads. */
  readonly leadingSince: number
  /** By ARN. */
  readonly tasks: ReadonlyMap<string, Task>
  /** True when `tasks` are all there are. */
  readonly isComplete: boolean
  readonly services: readonly Service[]
  readonly instances: readonly ContainerInstance[]
  /** The newest of each service. */
  readonly serviceDeployments: readonly ServiceDeployment[]
  /** How many network interfaces of tasks there are. */
  readonly interfaces: number
  /** EBS volumes. */
  readonly volumes: readonly Volume[]
  /** Of load balancers; undefined in runs without them. */
  readonly balancing: SeenBalancing | undefined
  /** How many things the outside is asked to do, or has done and nobody has heard of. */
  readonly effects: number
}

/** A server in one of its lives. */
export interface Sender {
  readonly name: string
  readonly epoch: number
}

/** What a task takes of its host. */
export interface TaskNeeds {
  readonly cpu: number
  readonly memory: number
  /** The host port that its definition fixes. */
  readonly port: number | undefined
  /** True when it has a network interface of its own. */
  readonly hasInterface: boolean
  /** True when its health check says whether it is healthy. */
  readonly isChecked: boolean
}

export interface Checker {
  readonly name: string
  /** Called at the moment of the reading: what is wrong with it, judged by what is known now. It may still be undone. */
  readonly judge?: (observation: Observation) => string | undefined
  /** Called once what was read is durable: from now on it must hold. Says what is wrong. */
  readonly learn?: (observation: Observation) => string | undefined
  readonly started?: (host: string, container: SimContainer) => string | undefined
  readonly refusedPort?: (host: string, container: SimContainer, holder: SimContainer) => string | undefined
  readonly attached?: (host: string, volume: SimVolume) => string | undefined
  /** A server says this to the agent of a container instance. */
  readonly sent?: (sender: Sender, frame: AcsFrame, containerInstanceArn: string) => string | undefined
  /** A server hears this of an agent. */
  readonly heard?: (containerInstanceArn: string, frame: AcsFrame) => string | undefined
  /** In the liveness phase: what is not yet as it must be in the end. */
  readonly missing?: (observation: Observation) => string | undefined
}
