/** Who may ask: OpenID Connect and JSON Web Tokens. (AWS: AuthenticateOidcActionConfig, JwtValidationActionConfig) */
import type {
  AuthenticateOidcActionConfig,
  JwtValidationActionAdditionalClaim,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { checkRange, validationError } from '../errors.ts'

/** Seven days, in seconds; the longest as AWS's CLI has it. */
const usualSession = 604_800
const mostParameters = 10

const checkHttpsUrl = (member: string, text: string | undefined, longest = 2_048): string => {
  if (!text || text.length > longest || !/^https:\/\/[^\s/]+/.test(text) || !URL.canParse(text))
    throw validationError(`'${text ?? ''}' is not a valid ${member}: it must be a full URL with HTTPS`)
  return text
}

/** Of the request to the authorization endpoint: an extra one would take its place. */
const ownParameters = ['client_id', 'nonce', 'redirect_uri', 'response_type', 'scope', 'state']

/** (RFC 6265: cookie-name) */
const checkCookieName = (name: string): string => {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(name))
    throw validationError(`'${name}' is not a valid session cookie name`)
  return name
}

/** Without the client secret, which no answer tells. */
export const givenOidc = (given: AuthenticateOidcActionConfig | undefined): AuthenticateOidcActionConfig => {
  if (!given)
    throw validationError(
      "'AuthenticateOidcConfig' must be specified for actions of type 'authenticate-oidc'",
    )
  const { ClientId = '', SessionTimeout = usualSession, AuthenticationRequestExtraParams } = given
  if (ClientId === '') throw validationError('A client ID must be specified')
  checkRange('authenticateOidcConfig.sessionTimeout', SessionTimeout, 1, usualSession)
  const parameters = Object.keys(AuthenticationRequestExtraParams ?? {})
  const taken = parameters.find(name => ownParameters.includes(name))
  if (taken !== undefined)
    throw validationError(`The extra parameter '${taken}' is one that the load balancer sets`)
  if (parameters.length > mostParameters)
    throw validationError(`No more than '${mostParameters}' extra parameters can be specified`)
  return {
    Issuer: checkHttpsUrl('issuer', given.Issuer),
    AuthorizationEndpoint: checkHttpsUrl('authorization endpoint', given.AuthorizationEndpoint),
    TokenEndpoint: checkHttpsUrl('token endpoint', given.TokenEndpoint),
    UserInfoEndpoint: checkHttpsUrl('user info endpoint', given.UserInfoEndpoint),
    ClientId,
    SessionCookieName: checkCookieName(given.SessionCookieName ?? 'AWSELBAuthSessionCookie'),
    Scope: given.Scope ?? 'openid',
    SessionTimeout,
    ...(parameters.length > 0 && { AuthenticationRequestExtraParams }),
    OnUnauthenticatedRequest: given.OnUnauthenticatedRequest ?? 'authenticate',
  }
}

const mostClaims = 10
const mostValues = 10
const longest = 256
/** They are validated in any case. */
const ownClaims = ['exp', 'iss', 'nbf', 'iat']

const checkClaim = ({ Name = '', Format, Values = [] }: JwtValidationActionAdditionalClaim): void => {
  if (Name === '' || ownClaims.includes(Name))
    throw validationError(`'${Name}' cannot be an additional claim`)
  if (Values.length === 0 || Values.length > mostValues)
    throw validationError(`The claim '${Name}' must have between '1-${mostValues}' values`)
  const wrong = Values.find(
    value =>
      value === '' || value.length > longest || (Format === 'space-separated-values' && value.includes(' ')),
  )
  if (wrong !== undefined) throw validationError(`'${wrong}' is not a valid value of the claim '${Name}'`)
  if (Format === 'single-string' && Values.length > 1)
    throw validationError(`The claim '${Name}' of the format 'single-string' must have one value`)
}

export const givenJwt = (given: JwtValidationActionConfig | undefined): JwtValidationActionConfig => {
  if (!given)
    throw validationError("'JwtValidationConfig' must be specified for actions of type 'jwt-validation'")
  const { Issuer = '', AdditionalClaims = [] } = given
  if (Issuer === '' || Issuer.length > longest) throw validationError(`'${Issuer}' is not a valid issuer`)
  if (AdditionalClaims.length > mostClaims)
    throw validationError(`No more than '${mostClaims}' additional claims can be specified`)
  AdditionalClaims.forEach(checkClaim)
  return {
    JwksEndpoint: checkHttpsUrl('JWKS endpoint', given.JwksEndpoint, longest),
    Issuer,
    ...(AdditionalClaims.length > 0 && { AdditionalClaims }),
  }
}
