/** What a host is told of a listener's rules: the API's members in the form that hosts read. Pure. */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { IngressAction, IngressCondition, IngressRule, IngressTransform } from '@berth/model'
import type { RuleRow } from '../../services/elbv2/index.ts'

/** `undefined` where there is none. */
export type OpenSecret = (rule: RuleRow) => string | undefined

export const ruleFact = (rule: RuleRow, openSecret: OpenSecret): IngressRule => ({
  arn: rule.id,
  conditions: rule.conditions.map(conditionOf),
  actions: rule.actions.map(action => actionOf(action, rule, openSecret)),
  transforms: rule.transforms.flatMap(transformsOf),
})

const conditionOf = (condition: RuleCondition): IngressCondition => {
  const { Field: field, Values, RegexValues } = condition
  switch (field) {
    case 'host-header':
      return { field, ...patterns(condition.HostHeaderConfig ?? { Values, RegexValues }) }
    case 'path-pattern':
      return { field, ...patterns(condition.PathPatternConfig ?? { Values, RegexValues }) }
    case 'http-request-method':
      return { field, ...patterns(condition.HttpRequestMethodConfig ?? { Values }) }
    case 'http-header': {
      const { HttpHeaderName: name = '', ...rest } = condition.HttpHeaderConfig ?? {}
      return { field, name, ...patterns(rest) }
    }
    case 'query-string':
      return {
        field,
        values: (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value = '' }) => ({
          ...(Key !== undefined && { key: Key }),
          value: Value,
        })),
      }
    case 'source-ip':
      return { field, values: condition.SourceIpConfig?.Values ?? Values ?? [] }
    default:
      throw new Error(`There is no condition ${field}`)
  }
}

const patterns = ({
  Values = [],
  RegexValues = [],
}: {
  readonly Values?: string[] | undefined
  readonly RegexValues?: string[] | undefined
}) => (RegexValues.length > 0 ? { values: RegexValues, isRegex: true } : { values: Values, isRegex: false })

const actionOf = (action: Action, rule: RuleRow, openSecret: OpenSecret): IngressAction => {
  switch (action.Type) {
    case 'forward':
      return forward(action)
    case 'redirect':
      return redirect(action)
    case 'fixed-response':
      return fixedResponse(action)
    case 'authenticate-oidc':
      return { type: action.Type, configuration: oidc(action.AuthenticateOidcConfig, openSecret(rule) ?? '') }
    case 'jwt-validation':
      return { type: action.Type, configuration: jwt(action.JwtValidationConfig) }
    default:
      throw new Error(`There is no action ${action.Type}`)
  }
}

const forward = ({ TargetGroupArn, ForwardConfig }: Action): IngressAction => {
  const { TargetGroups = TargetGroupArn ? [{ TargetGroupArn }] : [], TargetGroupStickinessConfig } =
    ForwardConfig ?? {}
  const { Enabled, DurationSeconds } = TargetGroupStickinessConfig ?? {}
  return {
    type: 'forward',
    targetGroups: TargetGroups.map(tuple => ({ arn: tuple.TargetGroupArn ?? '', weight: tuple.Weight ?? 1 })),
    ...(Enabled && DurationSeconds !== undefined && { stickySeconds: DurationSeconds }),
  }
}

/** What is left out stays as it was asked for. (AWS: RedirectActionConfig) */
const redirect = ({ RedirectConfig }: Action): IngressAction => ({
  type: 'redirect',
  protocol: RedirectConfig?.Protocol ?? '#{protocol}',
  host: RedirectConfig?.Host ?? '#{host}',
  port: RedirectConfig?.Port ?? '#{port}',
  path: RedirectConfig?.Path ?? '/#{path}',
  query: RedirectConfig?.Query ?? '#{query}',
  statusCode: RedirectConfig?.StatusCode === 'HTTP_301' ? 301 : 302,
})

const fixedResponse = ({ FixedResponseConfig }: Action): IngressAction => ({
  type: 'fixed-response',
  statusCode: Number(FixedResponseConfig?.StatusCode),
  ...(FixedResponseConfig?.ContentType !== undefined && { contentType: FixedResponseConfig.ContentType }),
  body: FixedResponseConfig?.MessageBody ?? '',
})

type OidcAction = Extract<IngressAction, { readonly type: 'authenticate-oidc' }>
type JwtAction = Extract<IngressAction, { readonly type: 'jwt-validation' }>

/** (AWS: AuthenticateOidcActionConfig has the defaults) */
const oidc = (
  given: Action['AuthenticateOidcConfig'],
  clientSecret: string,
): OidcAction['configuration'] => ({
  issuer: given?.Issuer ?? '',
  authorizationEndpoint: given?.AuthorizationEndpoint ?? '',
  tokenEndpoint: given?.TokenEndpoint ?? '',
  userInfoEndpoint: given?.UserInfoEndpoint ?? '',
  clientId: given?.ClientId ?? '',
  clientSecret,
  sessionCookieName: given?.SessionCookieName ?? 'AWSELBAuthSessionCookie',
  scope: given?.Scope ?? 'openid',
  sessionTimeoutSeconds: given?.SessionTimeout ?? 604_800,
  onUnauthenticatedRequest: given?.OnUnauthenticatedRequest ?? 'authenticate',
  extraParameters: given?.AuthenticationRequestExtraParams ?? {},
})

const jwt = (given: Action['JwtValidationConfig']): JwtAction['configuration'] => ({
  jwksEndpoint: given?.JwksEndpoint ?? '',
  issuer: given?.Issuer ?? '',
  additionalClaims: (given?.AdditionalClaims ?? []).map(({ Name = '', Format, Values = [] }) => ({
    name: Name,
    format: Format ?? 'single-string',
    values: Values,
  })),
})

const transformsOf = ({
  Type,
  HostHeaderRewriteConfig,
  UrlRewriteConfig,
}: RuleTransform): IngressTransform[] => {
  const type = Type === 'host-header-rewrite' ? Type : 'url-rewrite'
  const { Rewrites = [] } =
    (Type === 'host-header-rewrite' ? HostHeaderRewriteConfig : UrlRewriteConfig) ?? {}
  return Rewrites.map(({ Regex = '', Replace = '' }) => ({ type, regex: Regex, replace: Replace }))
}
