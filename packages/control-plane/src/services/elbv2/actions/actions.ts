/** What a rule does: what the API is given, in the form in which it tells it. (AWS: Action) */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { checkRange, elbError, notSupported, validationError } from '../errors.ts'
import { givenJwt, givenOidc } from './authentication.ts'
import { type ActionPlace, givenForward } from './forward.ts'
import { givenFixedResponse, givenRedirect } from './responses.ts'

const routing: readonly (string | undefined)[] = ['forward', 'redirect', 'fixed-response']

const configs = {
  forward: ['TargetGroupArn', 'ForwardConfig'],
  redirect: ['RedirectConfig'],
  'fixed-response': ['FixedResponseConfig'],
  'authenticate-oidc': ['AuthenticateOidcConfig'],
  'jwt-validation': ['JwtValidationConfig'],
} as const

const allConfigs = Object.values(configs).flat()

const checkPlace = ({ Type }: Action, { loadBalancer, protocol }: ActionPlace): void => {
  if (Type === 'authenticate-cognito') throw notSupported("The action type 'authenticate-cognito'")
  if (loadBalancer.type === 'network' && Type !== 'forward')
    throw elbError(
      'InvalidLoadBalancerAction',
      `Actions of type '${Type}' are not supported for load balancers with type 'network'`,
    )
  if (!routing.includes(Type) && protocol !== 'HTTPS')
    throw elbError(
      'InvalidLoadBalancerAction',
      `Actions of type '${Type}' are supported only on HTTPS listeners`,
    )
}

const checkConfigs = (action: Action): void => {
  const own: readonly string[] = configs[action.Type as keyof typeof configs] ?? []
  const other = allConfigs.find(name => action[name] !== undefined && !own.includes(name))
  if (other !== undefined)
    throw validationError(`'${other}' cannot be specified for actions of type '${action.Type}'`)
}

const givenAction = (view: View, scope: Scope, action: Action, place: ActionPlace): Action => {
  checkConfigs(action)
  switch (action.Type) {
    case 'forward':
      return givenForward(view, scope, action, place)
    case 'redirect':
      return { Type: action.Type, RedirectConfig: givenRedirect(action.RedirectConfig, place.protocol) }
    case 'fixed-response':
      return { Type: action.Type, FixedResponseConfig: givenFixedResponse(action.FixedResponseConfig) }
    case 'authenticate-oidc':
      return { Type: action.Type, AuthenticateOidcConfig: givenOidc(action.AuthenticateOidcConfig) }
    case 'jwt-validation':
      return { Type: action.Type, JwtValidationConfig: givenJwt(action.JwtValidationConfig) }
    default:
      throw validationError(`Action type '${action.Type}' is not valid`)
  }
}

/** In their order; several must say theirs. */
const inOrder = (actions: readonly Action[]): Action[] => {
  for (const { Order } of actions) checkRange('actions.member.order', Order, 1, 50_000)
  const orders = actions.map(({ Order }) => Order)
  if (actions.length > 1 && orders.includes(undefined))
    throw validationError('An action order is required for each action of a rule with several actions')
  if (new Set(orders).size < orders.length)
    throw validationError('The order of each action must be unique within a rule')
  return [...actions].sort((a, b) => (a.Order ?? 1) - (b.Order ?? 1))
}

/** Exactly one that routes, at the end, and before it at most one of each type that authenticates. */
const checkSequence = (actions: readonly Action[]): void => {
  const last = actions.at(-1)
  if (!last) throw validationError('At least one action must be specified')
  const types = actions.map(({ Type }) => Type)
  if (types.filter(type => routing.includes(type)).length !== 1)
    throw elbError(
      'InvalidLoadBalancerAction',
      'A rule must have exactly one action of type forward, redirect or fixed-response',
    )
  if (!routing.includes(last.Type))
    throw elbError(
      'InvalidLoadBalancerAction',
      `An action of type '${last.Type}' cannot be the last action to be performed`,
    )
  if (new Set(types).size < types.length || types.length > 2)
    throw elbError('TooManyActions', 'A rule can only have one action that authenticates')
}

/** Throws what AWS calls the fault; `given` is checked whole before anything is made of it. */
export const givenActions = (
  view: View,
  scope: Scope,
  given: readonly Action[],
  place: ActionPlace,
): Action[] => {
  const ordered = inOrder(given)
  for (const action of ordered) checkPlace(action, place)
  checkSequence(ordered)
  return ordered.map((action, index) => ({
    ...givenAction(view, scope, action, place),
    Order: action.Order ?? index + 1,
  }))
}
