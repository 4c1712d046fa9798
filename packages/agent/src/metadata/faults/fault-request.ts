/** What the fault endpoints are asked for, checked as the official agent checks it. Pure. */
import { isIP } from 'node:net'

export const faultKinds = ['network-blackhole-port', 'network-latency', 'network-packet-loss'] as const
export type FaultKind = (typeof faultKinds)[number]

export interface BlackHole {
  readonly kind: 'network-blackhole-port'
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly trafficType: 'ingress' | 'egress'
  /** Addresses and blocks that the fault leaves alone. */
  readonly sourcesToFilter: readonly string[]
}

export interface Shaping {
  readonly kind: 'network-latency' | 'network-packet-loss'
  /** As netem is told: `delay 100ms 10ms`, or `loss 5%`. */
  readonly netem: string
  /** Addresses and blocks of the peers that the fault is for. */
  readonly sources: readonly string[]
  readonly sourcesToFilter: readonly string[]
}

/** The request makes no sense; `message` is for the caller. */
export class FaultRequestError extends Error {}

type Members = Readonly<Record<string, unknown>>

const missing = (name: string): FaultRequestError =>
  new FaultRequestError(`required parameter ${name} is missing`)
const invalid = (value: unknown, name: string): FaultRequestError =>
  new FaultRequestError(`invalid value ${String(value)} for parameter ${name}`)

/** Throws FaultRequestError. */
export const readMembers = (body: string): Members => {
  if (body.trim() === '') throw new FaultRequestError('required request body is missing')
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Members
  } catch {
    // Said below.
  }
  throw new FaultRequestError('failed to decode request')
}

const wholeNumber = (members: Members, name: string, least: number, most: number): number => {
  const value = members[name]
  if (value === undefined || value === null) throw missing(name)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw invalid(value, name)
  return value
}

const oneOf = <Value extends string>(members: Members, name: string, values: readonly Value[]): Value => {
  const value = members[name]
  if (value === undefined || value === null || value === '') throw missing(name)
  const found = values.find(known => known === value)
  if (found === undefined) throw invalid(value, name)
  return found
}

/** An IPv4 or IPv6 address, or a block of them. */
const isSource = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

const sources = (members: Members, name: string, isRequired: boolean): readonly string[] => {
  const value = members[name]
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    if (isRequired) throw missing(name)
    return []
  }
  if (!Array.isArray(value)) throw invalid(value, name)
  for (const source of value) if (typeof source !== 'string' || !isSource(source)) throw invalid(source, name)
  return value as string[]
}

/** Throws FaultRequestError. */
export const readBlackHole = (members: Members): BlackHole => ({
  kind: 'network-blackhole-port',
  port: wholeNumber(members, 'Port', 0, 65_535),
  protocol: oneOf(members, 'Protocol', ['tcp', 'udp']),
  trafficType: oneOf(members, 'TrafficType', ['ingress', 'egress']),
  sourcesToFilter: sources(members, 'SourcesToFilter', false),
})

/** An hour: netem takes no more than a few of them. */
const mostMilliseconds = 3_600_000

const netemOf = (kind: Shaping['kind'], members: Members): string => {
  if (kind === 'network-packet-loss') return `loss ${wholeNumber(members, 'LossPercent', 1, 100)}%`
  const delay = wholeNumber(members, 'DelayMilliseconds', 0, mostMilliseconds)
  return `delay ${delay}ms ${wholeNumber(members, 'JitterMilliseconds', 0, mostMilliseconds)}ms`
}

/** Throws FaultRequestError. */
export const readShaping = (kind: Shaping['kind'], members: Members): Shaping => ({
  kind,
  netem: netemOf(kind, members),
  sources: sources(members, 'Sources', true),
  sourcesToFilter: sources(members, 'SourcesToFilter', false),
})
