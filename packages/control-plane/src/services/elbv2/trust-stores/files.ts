/** Files of trust stores, which are read from S3 once, when a request names them. */
import { AwsError, ObjectError, type ObjectName, type ReadObject } from '@berth/aws-api'
import { elbError, validationError } from '../errors.ts'

/** Of a file that is read. (AWS: "Quotas for your Application Load Balancers", revocation list file size) */
export const mostFileBytes = 50 * 1024 * 1024

export interface FileRequest {
  readonly bucket: string | undefined
  readonly key: string | undefined
  readonly version: string | undefined
}

/** What a request is answered with: by what the file is. */
export interface FileRefusals {
  readonly unknown: readonly [code: string, message: string]
  readonly invalid: readonly [code: string, message: string]
}

export const bundleRefusals: FileRefusals = {
  unknown: ['CaCertificatesBundleNotFound', 'The specified CA certificate bundle does not exist'],
  invalid: [
    'InvalidCaCertificatesBundle',
    'The specified CA certificate bundle is in an invalid format, or corrupt',
  ],
}

export const revocationRefusals: FileRefusals = {
  unknown: ['RevocationContentNotFound', 'The specified revocation file does not exist'],
  invalid: [
    'InvalidRevocationContent',
    'The provided revocation file is an invalid format, or uses an incorrect algorithm',
  ],
}

const refusalOf = ({ reason, message }: ObjectError, { unknown, invalid }: FileRefusals): AwsError => {
  switch (reason) {
    case 'unknown':
      return elbError(unknown[0], `${unknown[1]}: ${message}`)
    case 'too-large':
      return elbError(invalid[0], `${invalid[1]}: ${message}`)
    case 'refused':
      return elbError('InvalidConfigurationRequest', `The specified file cannot be read: ${message}`)
    case 'unavailable':
      return new AwsError('ServiceUnavailableException', message, { statusCode: 503, fault: 'server' })
  }
}

const nameOf = ({ bucket, key, version }: FileRequest): ObjectName => {
  if (!bucket || !key) throw validationError('An S3 bucket and an S3 key must be specified')
  return { bucket, key, ...(version !== undefined && { version }) }
}

/** The file's text. `readObject` is undefined where the operator has named no place for buckets. */
export const readFile = async (
  readObject: ReadObject | undefined,
  file: FileRequest,
  refusals: FileRefusals,
): Promise<string> => {
  const name = nameOf(file)
  if (!readObject)
    throw elbError(
      'UnsupportedOperation',
      'Trust stores are read from S3, and this server has no place for buckets: its operator sets BERTH_S3_BUCKETS, BERTH_S3_DIRECTORY or BERTH_S3_ENDPOINT.',
    )
  try {
    return (await readObject(name)).toString('latin1')
  } catch (error) {
    throw error instanceof ObjectError ? refusalOf(error, refusals) : error
  }
}
