/** Pausing services: their tasks are stopped, and what AWS's clients see of them stays. (docs/pausing.md) */
import type {
  ListPausedServicesRequest,
  ListPausedServicesResponse,
  PausedService,
  PauseServiceResponse,
  ServiceRequest,
} from '@berth/client'
import type { Transaction } from '../../../store/view.ts'
import {
  activeCluster,
  activeService,
  openPage,
  pausedServiceOf,
  resourceInCluster,
  resumedServiceOf,
  type ServiceRow,
  serviceEvents,
  serviceEvent,
  services,
} from '../../ecs/index.ts'
import { type Call, operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'

const resources = ({ cluster, service }: ServiceRequest, { scope }: Call): readonly string[] => [
  resourceInCluster(scope, 'service', cluster, service),
]
