/** The tags of a task and of its container instance, as the metadata endpoints show them. */
import { type ECSClient, ListTagsForResourceCommand } from '@aws-sdk/client-ecs'
import type { ServiceError } from './service-error.ts'

export interface TagMembers {
  readonly TaskTags?: Readonly<Record<string, string>>
  readonly ContainerInstanceTags?: Readonly<Record<string, string>>
  readonly Errors?: readonly TagError[]
}

/** Why tags are missing: the metadata is told without them. */
interface TagError {
  readonly ErrorField: 'TaskTags' | 'ContainerInstanceTags'
  readonly ErrorCode: string
  readonly ErrorMessage: string
  readonly StatusCode: number
  readonly RequestId: string
  readonly ResourceARN: string
}

type Tagged = TagError['ErrorField']

/** Never rejects. */
export const readTags = async (
  ecs: ECSClient,
  taskArn: string,
  containerInstanceArn: string,
): Promise<TagMembers> => {
  const errors: TagError[] = []
  const read = async (field: Tagged, resourceArn: string): Promise<TagMembers> => {
    try {
      const { tags = [] } = await ecs.send(new ListTagsForResourceCommand({ resourceArn }))
      if (tags.length === 0) return {}
      return { [field]: Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value])) }
    } catch (error) {
      errors.push(tagError(field, resourceArn, error as ServiceError))
      return {}
    }
  }
  const [ofInstance, ofTask] = await Promise.all([
    read('ContainerInstanceTags', containerInstanceArn),
    read('TaskTags', taskArn),
  ])
  return { ...ofTask, ...ofInstance, ...(errors.length > 0 && { Errors: errors }) }
}

const tagError = (field: Tagged, resourceArn: string, error: ServiceError): TagError => ({
  ErrorField: field,
  ErrorCode: error.name ?? 'InternalFailure',
  ErrorMessage: error.message ?? '',
  StatusCode: error.$metadata?.httpStatusCode ?? 500,
  RequestId: error.$metadata?.requestId ?? '',
  ResourceARN: resourceArn,
})
