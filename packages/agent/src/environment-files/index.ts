export { createEnvironmentFilesResource } from './environment-files-resource.ts'
export { parseObjectArn } from './object-arn.ts'
