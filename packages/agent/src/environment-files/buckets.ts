/** Where a host finds the objects of S3 buckets: in a directory, or at an S3-compatible service. */

export type BucketPlace =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'service'; readonly url: URL }

export interface BucketSettings {
  /** By a bucket's name: they win over the two below. A directory holds the bucket's objects itself. */
  readonly places: ReadonlyMap<string, BucketPlace>
  /** Every other bucket is a directory of its name in here, if it is there. */
  readonly directory?: string
  /** Every bucket that has no directory. */
  readonly service?: URL
  /** Of the services; requests without a key are not signed. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly region: string
}

export interface ObjectName {
  readonly bucket: string
  readonly key: string
}

/** Of `arn:aws:s3:::bucket/key`; undefined for anything else. */
export const parseObjectArn = (arn: string): ObjectName | undefined => {
  const [, bucket, key] = /^arn:[^:]+:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(arn) ?? []
  return bucket && key ? { bucket, key } : undefined
}

/** False: the host has no place for objects at all. */
export const hasBuckets = ({ places, directory, service }: BucketSettings): boolean =>
  places.size > 0 || directory !== undefined || service !== undefined
