/** Gives containers the variables of their environment files. They are held in memory alone, until the task has ended. */
import { ObjectError, type ReadObject } from '@berth/aws-api'
import type { PayloadContainer, PayloadTask } from '@berth/model'
import { type TaskResource, TaskResourceError } from '../tasks/resources/task-resource.ts'
import { mergeEnvironmentFiles, parseEnvironmentFile } from './environment-file.ts'
import { parseObjectArn } from './object-arn.ts'

const filesOf = ({ definition }: PayloadContainer): readonly string[] =>
  (definition?.environmentFiles ?? []).map(({ value }) => value)

const allFiles = ({ containers }: PayloadTask): readonly string[] => [...new Set(containers.flatMap(filesOf))]

type Variables = Readonly<Record<string, string>>

const utf8 = new TextDecoder('utf-8', { fatal: true })

const decode = (arn: string, bytes: Buffer): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ObjectError('refused', `the file ${arn} is not encoded in UTF-8`)
  }
}

const readVariables = async (arn: string, readObject: ReadObject): Promise<Variables> => {
  const object = parseObjectArn(arn)
  if (!object)
    throw new ObjectError(
      'unknown',
      `unable to parse bucket and key from s3 ARN specified in environmentFile ${arn}`,
    )
  const variables = parseEnvironmentFile(decode(arn, await readObject(object)))
  if (Object.entries(variables).some(pair => pair.join().includes('\0')))
    throw new ObjectError('refused', `the file ${arn} holds a null character`)
  return variables
}

const readAll = async (
  payload: PayloadTask,
  readObject: ReadObject,
): Promise<ReadonlyMap<string, Variables>> => {
  const read = allFiles(payload).map(async arn => [arn, await readVariables(arn, readObject)] as const)
  try {
    return new Map(await Promise.all(read))
  } catch (error) {
    throw new TaskResourceError(
      `ResourceInitializationError: failed to download env files: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** What the definition says itself holds over the files. */
export const createEnvironmentFilesResource = (readObject: ReadObject): TaskResource => ({
  name: 'environment files',
  isNeeded: payload => allFiles(payload).length > 0,
  prepare: async ({ payload }) => {
    const variables = await readAll(payload, readObject)
    return (container, spec) => {
      const files = filesOf(container).map(arn => variables.get(arn) ?? {})
      return { ...spec, environment: { ...mergeEnvironmentFiles(files), ...spec.environment } }
    }
  },
  release: async () => {},
})
