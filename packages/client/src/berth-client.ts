import { ECSClient, type ECSClientConfig, type ECSClientResolvedConfig } from '@aws-sdk/client-ecs'
import type { Client } from '@smithy/core/client'
import type { HttpHandlerOptions, MetadataBearer } from '@smithy/types'
import { errorTypeRegistries, namespace } from './schemas.ts'

/** Apart, because the published type does not know what it is signed as. */
const identity = { serviceId: 'Berth', signingName: 'berth' }

/** The protocol is ECS's, JSON 1.1 with signatures: only what tells services apart is another. */
class ConfiguredClient extends ECSClient {
  constructor(configuration: ECSClientConfig) {
    super({
      ...configuration,
      ...identity,
      protocolSettings: {
        defaultNamespace: namespace,
        errorTypeRegistries,
        xmlNamespace: 'https://berth.dev/doc/2026-11-01/',
        version: '2026-11-01',
        serviceTarget: 'Berth_20261101',
      },
      httpAuthSchemeProvider: ({ region }) => [
        {
          schemeId: 'aws.auth#sigv4',
          signingProperties: { name: identity.signingName, ...(region !== undefined && { region }) },
          propertiesExtractor: (config, context) => ({ signingProperties: { config, context } }),
        },
      ],
    })
  }
}

export type BerthClient = Client<HttpHandlerOptions, object, MetadataBearer, ECSClientResolvedConfig>

/** Calls Berth's own service: `new BerthClient({ endpoint, region, credentials }).send(new PauseServiceCommand(…))`. */
export const BerthClient = ConfiguredClient as unknown as new (configuration: ECSClientConfig) => BerthClient
