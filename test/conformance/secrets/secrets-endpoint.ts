import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SSM } from '@aws-sdk/client-ssm'
import { createEncryption } from '../../../packages/control-plane/src/encryption/encryption.ts'
import { matchesPattern } from '../../../packages/control-plane/src/pattern-match.ts'
import { createSecretsManagerService } from '../../../packages/control-plane/src/services/secretsmanager/index.ts'
import { createSsmService } from '../../../packages/control-plane/src/services/ssm/index.ts'
import { ServiceEndpoint } from '../service-endpoint.ts'

/** Secrets Manager and Parameter Store in this process. */
export class SecretsEndpoint extends ServiceEndpoint {
  readonly secrets: SecretsManager
  readonly ssm: SSM

  private constructor() {
    const encryption = createEncryption(Buffer.alloc(32, 7))
    super([createSecretsManagerService({ encryption }), createSsmService({ encryption, matchesPattern })])
    this.secrets = new SecretsManager(this.clientOptions())
    this.ssm = new SSM(this.clientOptions())
  }

  static async start(): Promise<SecretsEndpoint> {
    const endpoint = new SecretsEndpoint()
    await endpoint.store.load()
    return endpoint
  }
}

/** `Code: message` of a refusal. */
export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
