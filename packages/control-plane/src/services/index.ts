import type { ReadObject } from '@berth/aws-api'
import type { ServerConfiguration } from '../configuration.ts'
import type { LogStore } from '../log-store/log-store.ts'
import type { Millis } from '../store/table.ts'
import { canServeCertificate, createAcmService } from './acm/index.ts'
import { berthService } from './berth/index.ts'
import { createEc2Service } from './ec2/index.ts'
import { createEcsService, type HookTargets, hasEc2Instance, hostInstances } from './ecs/index.ts'
import { efsService } from './efs/index.ts'
import { certificateUses, createElbv2Service } from './elbv2/index.ts'
import type { Encryption } from './encryption.ts'
import { ingressReconcilers } from './ingress/index.ts'
import { createLogsService } from './logs/index.ts'
import { createSecretsManagerService } from './secretsmanager/index.ts'
import type { Service } from './service.ts'
import { createSsmService } from './ssm/index.ts'
import { stsService } from './sts/index.ts'

export interface ServicesOptions {
  readonly configuration: ServerConfiguration
  /** When this server began to lead. */
  readonly startedAt: () => Millis
  readonly logStore: LogStore
  /** False while the disk is too full for logs. */
  readonly acceptsLogs: () => boolean
  readonly encryption: Encryption
  readonly matchesPattern: (pattern: RegExp, value: string) => boolean
  readonly hookTargets?: HookTargets
  /** Of S3; absent: the operator has named no place for buckets. */
  readonly readObject?: ReadObject | undefined
}

/** With what decides which of the operator's hosts carry load balancers. */
const loadBalancing = (
  { loadBalancerAddresses }: ServerConfiguration,
  encryption: Encryption,
  readObject: ReadObject | undefined,
): Service => {
  const service = createElbv2Service({
    encryption,
    readObject,
    isInstance: hasEc2Instance,
    canServe: canServeCertificate,
  })
  return { ...service, reconcilers: [...service.reconcilers, ...ingressReconcilers(loadBalancerAddresses)] }
}

/** Every AWS service that Berth serves, and its own. */
export const createServices = ({
  configuration,
  startedAt,
  logStore,
  acceptsLogs,
  encryption,
  matchesPattern,
  hookTargets,
  readObject,
}: ServicesOptions): readonly Service[] => [
  createEcsService({
    startedAt,
    lostAfterMs: configuration.lostAfterMs,
    graceMs: configuration.startGraceMs,
    taskSettleMs: configuration.taskSettleMs,
    publicAddresses: configuration.publicAddresses,
    ...(hookTargets && { hookTargets }),
  }),
  createAcmService({ encryption, uses: certificateUses, acme: configuration.acme }),
  berthService,
  createEc2Service({
    publicAddresses: configuration.publicAddresses,
    ipv6Addresses: configuration.ipv6Addresses,
    instances: hostInstances,
  }),
  efsService,
  loadBalancing(configuration, encryption, readObject),
  createLogsService({ logStore, accepts: acceptsLogs }),
  createSecretsManagerService({ encryption }),
  createSsmService({ encryption, matchesPattern }),
  stsService,
]
