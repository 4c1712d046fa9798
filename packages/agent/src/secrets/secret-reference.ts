/** What a `valueFrom` means. Pure. (AWS: "Pass Secrets Manager secrets through Amazon ECS environment variables") */
import { parseArn } from '@berth/model'

export type SecretReference = SecretsManagerReference | ParameterReference

export interface SecretsManagerReference {
  readonly kind: 'secret'
  readonly secretId: string
  readonly jsonKey?: string
  readonly versionStage?: string
  readonly versionId?: string
}

export interface ParameterReference {
  readonly kind: 'parameter'
  /** A name or an ARN. */
  readonly name: string
}

/** Undefined for an ARN of neither service, and for one of Secrets Manager with too many or too few parts. */
export const parseSecretReference = (valueFrom: string): SecretReference | undefined => {
  const arn = parseArn(valueFrom)
  if (!arn) return valueFrom === '' ? undefined : { kind: 'parameter', name: valueFrom }
  if (arn.service === 'ssm') return { kind: 'parameter', name: valueFrom }
  const [type, name, jsonKey, versionStage, versionId, ...rest] = arn.resource.split(':')
  const isWhole = jsonKey === undefined || versionId !== undefined
  if (arn.service !== 'secretsmanager' || type !== 'secret' || !name || !isWhole || rest.length > 0)
    return undefined
  return {
    kind: 'secret',
    secretId: valueFrom.split(':').slice(0, 7).join(':'),
    ...(jsonKey && { jsonKey }),
    ...(versionStage && { versionStage }),
    ...(versionId && { versionId }),
  }
}
