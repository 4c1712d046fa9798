/** A login that is under way: what an identity provider gives back to the load balancer, as `state`. */
import { timingSafeEqual } from 'node:crypto'
import { seal, unseal } from './sealed.ts'

export interface Login {
  readonly ruleArn: string
  /** As the client named it: users are sent back to no other. */
  readonly host: string
  /** With the query: what was asked for first. */
  readonly path: string
  /** Of the browser that began. */
  readonly browserNonce: string
  /** That the ID token must have. */
  readonly tokenNonce: string
  /** Seconds since the epoch. */
  readonly until: number
}

/** (AWS: Authenticate users using an Application Load Balancer, Client login timeout) */
export const longestLoginSeconds = 15 * 60

export const nonceCookie = 'AWSALBAuthNonce'

export const sealLogin = (key: Buffer, login: Login): string =>
  Buffer.from(seal(key, JSON.stringify(login))).toString('base64url')

/** Undefined: the load balancer has begun no such login. */
export const unsealLogin = (key: Buffer, state: string): Login | undefined => {
  const text = unseal(key, Buffer.from(state, 'base64url').toString('latin1'))
  return text === undefined ? undefined : (JSON.parse(text) as Login)
}

export const isSameText = (left: string, right: string): boolean => {
  const [one, other] = [Buffer.from(left), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}
