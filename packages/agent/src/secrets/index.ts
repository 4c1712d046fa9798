export { createSecretReader, type ReadSecret } from './secret-reader.ts'
export { createSecretsResource } from './secrets-resource.ts'
