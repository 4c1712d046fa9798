import type { ObjectName } from '@berth/aws-api'

/** Of `arn:aws:s3:::bucket/key`; undefined for anything else. */
export const parseObjectArn = (arn: string): ObjectName | undefined => {
  const [, bucket, key] = /^arn:[^:]+:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(arn) ?? []
  return bucket && key ? { bucket, key } : undefined
}
