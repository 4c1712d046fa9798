export { type BucketPlace, type BucketSettings, hasBuckets, parseObjectArn } from './buckets.ts'
export { createEnvironmentFilesResource } from './environment-files-resource.ts'
export { createObjectReader, type ReadObject } from './object-reader.ts'
