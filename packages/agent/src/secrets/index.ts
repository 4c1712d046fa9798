export { createSecretReader, type ReadSecret } from './secret-reader.ts'
export { createSecretsResource, readSecrets } from './secrets-resource.ts'
