import { AwsError, type AwsService, type Identity, type RequestContext } from '@berth/aws-api'
import type { Clock } from './control-loop/clock.ts'
import type { Call, Operation, Service } from './services/service.ts'
import type { JournaledStore } from './store/journaled-store.ts'

export interface DispatchOptions {
  readonly store: JournaledStore
  readonly clock: Clock
  readonly randomHex: Call['randomHex']
  readonly region: string
  /** Take requests that were signed for another region as if they had been signed for this one. */
  readonly anyRegion: boolean
  /** The one place where every call of every service is authorised. */
  readonly authorize: (identity: Identity, action: string, resources: readonly string[]) => boolean
  /** True while the disk is too full for anything but reads, stops and deletes. */
  readonly refusesMutations: () => boolean
}

/** Requests signed for another region would silently meet an empty account: AWS refuses them, too. */
const checkRegion = (context: RequestContext, { region, anyRegion }: DispatchOptions): void => {
  if (!anyRegion && context.region !== '' && context.region !== region)
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not '${context.region}'. This Berth serves ${region}.`,
    )
}

const admit = (operation: Operation, { store, refusesMutations }: DispatchOptions): void => {
  if (operation.effect === 'reads') return
  if (store.overloaded) throw new AwsError('ThrottlingException', 'Rate exceeded: the disk does not keep up.')
  if (operation.effect === 'writes' && refusesMutations())
    throw new AwsError(
      'ServiceUnavailableException',
      'The disk of the control plane is nearly full: until space is freed, only reads, stops and deletes are taken.',
      { statusCode: 503, fault: 'server' },
    )
}

/**
 * The handlers of a service behind the checks that all of them share. No answer, refusals included, leaves before
 * every commit that it may have seen is durable.
 */
export const toAwsService = (service: Service, options: DispatchOptions): AwsService => {
  const operations = new Map(service.operations.map(operation => [operation.name, operation]))
  const { store, clock, randomHex, region, authorize } = options
  const checkAllowed = (call: Call, operation: Operation, input: object): void => {
    const action = operation.action ?? `${service.name}:${operation.name}`
    const resources = operation.resources(input, call)
    if (!authorize(call.identity, action, resources))
      throw new AwsError(
        'AccessDeniedException',
        `User: ${call.identity.arn} is not authorized to perform: ${action} on resource: ${resources[0] ?? '*'}`,
        { statusCode: service.name === 'ecs' ? 400 : 403 },
      )
  }
  const handle = async (name: string, input: unknown, context: RequestContext): Promise<unknown> => {
    const operation = operations.get(name)
    if (operation === undefined)
      throw new AwsError(
        service.unsupportedCode ?? 'UnsupportedOperationException',
        `${name} is not supported by Berth yet.`,
      )
    checkRegion(context, options)
    const call: Call = {
      scope: { accountId: context.identity.accountId, region },
      identity: context.identity,
      request: context,
      now: clock.now(),
      store,
      randomHex,
    }
    try {
      checkAllowed(call, operation, input as object)
      admit(operation, options)
      return await operation.handle(input as object, call)
    } finally {
      await store.durable()
    }
  }
  return {
    client: service.client,
    handle,
    ...(service.extraMembers && { extraMembers: service.extraMembers }),
    ...(service.extraEnumValues && { extraEnumValues: service.extraEnumValues }),
    ...(service.numberMembers && { numberMembers: service.numberMembers }),
  }
}
