/** An order of an ACME authority, from its being placed to the certificate. (RFC 8555, 7.4 and 7.5) */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ChallengeAnswer, PlacedOrder } from '../../services/acm/index.ts'
import type { Answer } from './connection.ts'
import { thumbprintOf } from './jws.ts'
import { AcmeProblem, NotYet, type ProblemDocument, problemOf } from './problem.ts'

interface Order {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly certificate?: string
  readonly error?: ProblemDocument
}

interface Challenge {
  readonly type: string
  readonly url: string
  readonly status: string
  readonly token?: string
  readonly error?: ProblemDocument
}

interface Authorization {
  readonly status: string
  readonly identifier: { readonly value: string }
  readonly challenges: readonly Challenge[]
}

/** Signed by the account; `payload` undefined: the resource is read. */
export type Ask = (url: string, payload?: unknown) => Promise<Answer>

const orderIn = ({ body }: Answer): Order => JSON.parse(body) as Order

const authorizationAt = async (ask: Ask, url: string): Promise<Authorization> =>
  JSON.parse((await ask(url)).body) as Authorization

const byHttp = ({ challenges, identifier }: Authorization): Challenge => {
  const found = challenges.find(({ type }) => type === 'http-01')
  if (!found) throw new AcmeProblem('unsupported', `It does not validate ${identifier.value} by HTTP`)
  return found
}

/** A token goes into what load balancers read: it has nothing in it but what tokens may have. (RFC 8555, 8.3) */
const answerOf = (authorization: Authorization, thumbprint: string): ChallengeAnswer => {
  const { token = '' } = byHttp(authorization)
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(token)) throw new AcmeProblem('malformed', 'It has sent an odd token')
  return { token, keyAuthorization: `${token}.${thumbprint}` }
}

export const placeOrder = async (
  ask: Ask,
  newOrderUrl: string,
  account: KeyObject,
  domainNames: readonly string[],
): Promise<Omit<PlacedOrder, 'encryptedPrivateKey'>> => {
  const identifiers = domainNames.map(value => ({ type: 'dns', value }))
  const answer = await ask(newOrderUrl, { identifiers })
  const { authorizations, finalize } = orderIn(answer)
  const thumbprint = thumbprintOf(account)
  const answers: ChallengeAnswer[] = []
  for (const url of authorizations) {
    const authorization = await authorizationAt(ask, url)
    if (authorization.status !== 'valid') answers.push(answerOf(authorization, thumbprint))
  }
  return {
    url: answer.headers.location ?? '',
    finalizeUrl: finalize,
    authorizationUrls: authorizations,
    answers,
  }
}

/** What it knows already is not said again: an authority may validate a name each time. */
export const beginValidation = async (ask: Ask, authorizationUrls: readonly string[]): Promise<void> => {
  for (const url of authorizationUrls) {
    const authorization = await authorizationAt(ask, url)
    if (authorization.status !== 'pending') continue
    const challenge = byHttp(authorization)
    if (challenge.status === 'pending') await ask(challenge.url, {})
  }
}

/** Why a name was not validated, in the authority's words. */
const whyInvalid = async (ask: Ask, order: Order): Promise<AcmeProblem> => {
  for (const url of order.error ? [] : order.authorizations) {
    const { challenges } = await authorizationAt(ask, url)
    const failed = challenges.find(({ error }) => error)
    if (failed) return problemOf(failed.error)
  }
  return problemOf(order.error)
}

/** PEM: the certificate, then its chain. Throws NotYet as long as the authority is at work, AcmeProblem when it refuses. */
export const completeOrder = async (
  ask: Ask,
  { url, finalizeUrl }: Pick<PlacedOrder, 'url' | 'finalizeUrl'>,
  makeRequest: () => Promise<Buffer>,
): Promise<string> => {
  let answer = await ask(url)
  if (orderIn(answer).status === 'ready')
    answer = await ask(finalizeUrl, { csr: (await makeRequest()).toString('base64url') })
  const order = orderIn(answer)
  if (order.status === 'invalid') throw await whyInvalid(ask, order)
  if (order.status !== 'valid' || order.certificate === undefined)
    throw new NotYet(`The order is ${order.status}`, answer.retryAfterMs)
  return (await ask(order.certificate)).body
}

const blocks = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Throws AcmeProblem for what no listener can serve. */
export const readIssued = (
  text: string,
  privateKey: string,
): { readonly certificate: string; readonly chain: string } => {
  const [certificate, ...chain] = text.match(blocks) ?? []
  if (certificate === undefined) throw new AcmeProblem('malformed', 'It has sent no certificate')
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey)))
    throw new AcmeProblem('malformed', 'It has sent the certificate of another key')
  return { certificate: `${certificate}\n`, chain: chain.map(block => `${block}\n`).join('') }
}
