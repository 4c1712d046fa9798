/** What the network namespace of a task says of itself: the containers in it have the pause container's names and parameters. */
import type { PayloadContainer, PayloadTask } from '@berth/model'
import type { ContainerSpec, NameResolutionSpec } from '../../engine/engine.ts'
import { isOfNetwork } from '../container-spec/isolation.ts'
import { nonEmpty, optional } from '../container-spec/present.ts'

type Definition = NonNullable<PayloadContainer['definition']>

/** Of all containers, since they share it. (AWS: ContainerDefinition systemControls; the last one that is started counts.) */
const kernelParametersOf = (definitions: readonly Definition[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    definitions
      .flatMap(({ systemControls = [] }) => systemControls.filter(isOfNetwork))
      .map(({ namespace, value }) => [namespace, value]),
  )

/** What a container asks for stands before what the subnet has. */
const nameResolutionOf = (
  { elasticNetworkInterfaces: [one] = [] }: PayloadTask,
  definitions: readonly Definition[],
): NameResolutionSpec => ({
  ...optional(
    'servers',
    nonEmpty(definitions.flatMap(({ dnsServers = [] }) => dnsServers)) ?? nonEmpty(one?.domainNameServers),
  ),
  ...optional(
    'searchDomains',
    nonEmpty(definitions.flatMap(({ dnsSearchDomains = [] }) => dnsSearchDomains)) ??
      nonEmpty(one?.domainName),
  ),
  extraHosts: (one?.ipv4Addresses ?? []).map(({ privateAddress }) => ({
    hostname: one?.privateDnsName ?? '',
    ipAddress: privateAddress,
  })),
})

export const networkSpecOf = (
  payload: PayloadTask,
): Pick<ContainerSpec, 'hostname' | 'nameResolution' | 'security'> => {
  const definitions = payload.containers.flatMap(({ definition }) => definition ?? [])
  return {
    ...optional('hostname', payload.elasticNetworkInterfaces?.[0]?.privateDnsName),
    nameResolution: nameResolutionOf(payload, definitions),
    security: { kernelParameters: kernelParametersOf(definitions) },
  }
}
