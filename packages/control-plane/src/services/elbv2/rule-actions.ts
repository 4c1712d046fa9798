/** The actions of a rule, with the secret that no answer tells. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Transaction } from '../../store/view.ts'
import type { Encryption } from '../encryption.ts'
import type { Call } from '../service.ts'
import { givenActions } from './actions/actions.ts'
import type { ActionPlace } from './actions/forward.ts'
import { ensureAuthenticationKeys } from './authentication-keys.ts'
import { elbError, validationError } from './errors.ts'
import { limits } from './limits.ts'
import { type RuleRow, rules, targetGroupsOfActions } from './tables/index.ts'

interface Parts {
  readonly tx: Transaction
  readonly call: Pick<Call, 'scope' | 'randomHex'>
  readonly encryption: Encryption
}

/** Encrypted, bound to the rule; undefined where no action has one. */
const clientSecretOf = (
  { encryption }: Parts,
  ruleArn: string,
  given: readonly Action[],
  before: string | undefined,
): string | undefined => {
  const config = given.find(({ Type }) => Type === 'authenticate-oidc')?.AuthenticateOidcConfig
  if (!config) return undefined
  const { ClientSecret, UseExistingClientSecret } = config
  if (ClientSecret !== undefined && UseExistingClientSecret)
    throw validationError('A client secret cannot be specified together with UseExistingClientSecret')
  if (ClientSecret) return encryption.encrypt(Buffer.from(ClientSecret), ruleArn)
  if (!UseExistingClientSecret || before === undefined)
    throw validationError('A client secret must be specified')
  return before
}

/** What a rule gets of the actions that are given. `before`: the encrypted secret that it has. */
export const ruleActions = (
  parts: Parts,
  ruleArn: string,
  given: readonly Action[],
  place: ActionPlace,
  before?: string,
): Pick<RuleRow, 'actions' | 'clientSecret'> => {
  const { tx, call, encryption } = parts
  const actions = givenActions(tx, call.scope, given, place)
  const clientSecret = clientSecretOf(parts, ruleArn, given, before)
  if (clientSecret === undefined) return { actions }
  ensureAuthenticationKeys(tx, call.randomHex, encryption, place.loadBalancer.id)
  return { actions, clientSecret }
}

/** Once the load balancer's rules are as they will be. */
export const checkTargetGroupCount = (tx: Transaction, loadBalancerArn: string): void => {
  const named = [...tx.where(rules, 'byLoadBalancer', loadBalancerArn)].flatMap(({ actions }) =>
    targetGroupsOfActions(actions),
  )
  if (new Set(named).size > limits.targetGroupsPerLoadBalancer)
    throw elbError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      `The load balancer '${loadBalancerArn}' cannot use more than ${limits.targetGroupsPerLoadBalancer} target groups`,
    )
}
