export { type BucketPlace, type BucketSettings, hasBuckets } from './buckets.ts'
export { createEnvironmentFilesResource } from './environment-files-resource.ts'
export { createObjectReader } from './object-reader.ts'
