import type {
  AddTagsToResourceRequest,
  AddTagsToResourceResult,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  RemoveTagsFromResourceRequest,
  RemoveTagsFromResourceResult,
} from '@aws-sdk/client-ssm'
import { AwsError } from '@berth/aws-api'
import type { View } from '../../../store/view.ts'
import { mergeKeyValueTags, mostTags } from '../../key-value-tags.ts'
import { type Call, operation } from '../../service.ts'
import { validation } from '../errors.ts'
import { parameterNamed, parameterResources } from '../references.ts'
import { type ParameterRow, parameters } from '../tables/index.ts'

interface Reference {
  readonly ResourceType?: string | undefined
  readonly ResourceId?: string | undefined
}

/** Throws InvalidResourceType for what Berth does not have, InvalidResourceId. */
const tagged = (view: View, { scope }: Call, { ResourceType, ResourceId = '' }: Reference): ParameterRow => {
  if (ResourceType !== 'Parameter')
    throw new AwsError(
      'InvalidResourceType',
      `The resource type ${ResourceType} is not supported by Berth yet.`,
    )
  const parameter = parameterNamed(view, scope, ResourceId)
  if (!parameter)
    throw new AwsError(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
    )
  return parameter
}

const resources = ({ ResourceId }: Reference, { scope }: Call): string[] =>
  parameterResources(scope, [ResourceId])

export const tagOperations = [
  operation<AddTagsToResourceRequest, AddTagsToResourceResult>({
    name: 'AddTagsToResource',
    effect: 'writes',
    resources,
    handle: (input, call) => {
      call.store.update(tx => {
        const parameter = tagged(tx, call, input)
        const tags = mergeKeyValueTags(parameter.tags, input.Tags, validation)
        if (tags.length > mostTags)
          throw new AwsError('TooManyTagsError', `A parameter can have at most ${mostTags} tags.`)
        tx.put(parameters, { ...parameter, tags })
      })
      return {}
    },
  }),
  operation<RemoveTagsFromResourceRequest, RemoveTagsFromResourceResult>({
    name: 'RemoveTagsFromResource',
    effect: 'frees',
    resources,
    handle: (input, call) => {
      call.store.update(tx => {
        const parameter = tagged(tx, call, input)
        const tags = parameter.tags.filter(({ Key }) => !input.TagKeys?.includes(Key))
        tx.put(parameters, { ...parameter, tags })
      })
      return {}
    },
  }),
  operation<ListTagsForResourceRequest, ListTagsForResourceResult>({
    name: 'ListTagsForResource',
    effect: 'reads',
    resources,
    handle: (input, call) => ({
      TagList: tagged(call.store, call, input).tags.map(tag => ({ ...tag })),
    }),
  }),
]
