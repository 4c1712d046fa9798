import * as client from '@aws-sdk/client-secrets-manager'
import type { Service } from '../service.ts'
import { unsupportedOperations } from '../unsupported.ts'
import { deletedSecrets } from './deleted-secrets.ts'
import { putSecretValue, updateSecret, updateSecretVersionStage } from './operations/change-secret.ts'
import { createSecret } from './operations/create-secret.ts'
import { deleteSecret, restoreSecret } from './operations/delete-secret.ts'
import { describeSecret, listSecretVersionIds } from './operations/describe-secret.ts'
import { batchGetSecretValue, getSecretValue } from './operations/get-secret-value.ts'
import { listSecrets } from './operations/list-secrets.ts'
import { tagResource, untagResource } from './operations/tags.ts'
import type { SecretsManagerParts } from './service-parts.ts'
import { secrets, secretVersions } from './tables/index.ts'

export { secretVersions } from './tables/index.ts'

/** AWS Secrets Manager: values and their versions, without rotation, replication and resource policies. */
export const createSecretsManagerService = (parts: SecretsManagerParts): Service => {
  const operations: Service['operations'] = [
    batchGetSecretValue(parts),
    createSecret(parts),
    deleteSecret,
    describeSecret,
    getSecretValue(parts),
    listSecretVersionIds,
    listSecrets,
    putSecretValue(parts),
    restoreSecret,
    tagResource,
    untagResource,
    updateSecret(parts),
    updateSecretVersionStage,
  ]
  return {
    name: 'secretsmanager',
    client,
    operations: [...operations, ...unsupportedOperations(client, operations)],
    tables: [secrets, secretVersions],
    histories: [],
    reconcilers: [deletedSecrets],
  }
}
