/** Trust stores in few words, made from files of the bucket `files`. */
import { accountId, region } from '../service-endpoint.ts'
import { Bucket } from './certificate-files.ts'
import { Elbv2Endpoint } from './elbv2-endpoint.ts'

export const bundle = (key: string, version?: string) => ({
  CaCertificatesBundleS3Bucket: 'files',
  CaCertificatesBundleS3Key: key,
  ...(version !== undefined && { CaCertificatesBundleS3ObjectVersion: version }),
})

export const list = (S3Key: string, S3ObjectVersion?: string) => ({
  S3Bucket: 'files',
  S3Key,
  ...(S3ObjectVersion !== undefined && { S3ObjectVersion }),
})

export const goneTrustStore = `arn:aws:elasticloadbalancing:${region}:${accountId}:truststore/gone/${'0'.repeat(16)}`

export const startTrustStores = async (files: Readonly<Record<string, string>>) => {
  const bucket = new Bucket()
  for (const [key, text] of Object.entries(files)) bucket.objects.set(key, text)
  const berth = await Elbv2Endpoint.start({ readObject: bucket.read })
  const create = async (Name = 'clients', key = 'one.pem', more: object = {}) => {
    const { TrustStores } = await berth.elb.createTrustStore({ Name, ...bundle(key), ...more })
    return TrustStores?.[0]
  }
  return {
    berth,
    bucket,
    create,
    /** Its ARN. */
    newStore: async (): Promise<string> => (await create())?.TrustStoreArn ?? '',
    add: (TrustStoreArn: string, ...keys: string[]) =>
      berth.elb.addTrustStoreRevocations({ TrustStoreArn, RevocationContents: keys.map(key => list(key)) }),
    told: async (TrustStoreArn: string) =>
      (await berth.elb.describeTrustStores({ TrustStoreArns: [TrustStoreArn] })).TrustStores?.[0],
  }
}
