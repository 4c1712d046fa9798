/** Where a program finds the objects of S3 buckets, by its operator's word: in directories, or at S3-compatible services. */

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
  /** Absent: the current one. */
  readonly version?: string
}

/** False: there is no place for objects at all. */
export const hasBuckets = ({ places, directory, service }: BucketSettings): boolean =>
  places.size > 0 || directory !== undefined || service !== undefined

type Environment = Readonly<Record<string, string | undefined>>

/** Takes what is wrong, in a sentence each. */
type Complain = (problem: string) => void

const isAddress = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text)

const placeOf = (text: string): BucketPlace | undefined => {
  if (text.startsWith('/')) return { kind: 'directory', path: text }
  return isAddress(text) ? { kind: 'service', url: new URL(text) } : undefined
}

const readPlaces = (text: string, complain: Complain): [string, BucketPlace][] =>
  text
    .split(',')
    .filter(Boolean)
    .flatMap((pair): [string, BucketPlace][] => {
      const [name = '', ...rest] = pair.split('=')
      if (!/^[a-zA-Z0-9._-]{1,128}$/.test(name.trim()) || rest.length === 0) {
        complain(`BERTH_S3_BUCKETS holds "${pair}"; it must be bucket=place,…`)
        return []
      }
      const place = placeOf(rest.join('=').trim())
      if (place) return [[name.trim(), place]]
      complain(
        `BERTH_S3_BUCKETS has "${rest.join('=').trim()}" for ${name.trim()}; it must be the path of a directory or an http or https address`,
      )
      return []
    })

/** From the variables `BERTH_S3_…`. */
export const readBucketSettings = (
  environment: Environment,
  region: string,
  complain: Complain,
): BucketSettings => {
  const text = (name: string): string => environment[name]?.trim() ?? ''
  const directory = text('BERTH_S3_DIRECTORY')
  if (directory && !directory.startsWith('/'))
    complain(`BERTH_S3_DIRECTORY is "${directory}"; it must be the whole path of a directory`)
  const service = text('BERTH_S3_ENDPOINT')
  if (service && !isAddress(service))
    complain(`BERTH_S3_ENDPOINT is "${service}"; it must be an http or https address`)
  const accessKeyId = text('BERTH_S3_ACCESS_KEY_ID')
  const secretAccessKey = text('BERTH_S3_SECRET_ACCESS_KEY')
  if ((accessKeyId === '') !== (secretAccessKey === ''))
    complain('BERTH_S3_ACCESS_KEY_ID and BERTH_S3_SECRET_ACCESS_KEY go together')
  return {
    places: new Map(readPlaces(text('BERTH_S3_BUCKETS'), complain)),
    ...(directory && { directory }),
    ...(isAddress(service) && { service: new URL(service) }),
    ...(accessKeyId && { credentials: { accessKeyId, secretAccessKey } }),
    region: text('BERTH_S3_REGION') || region,
  }
}
