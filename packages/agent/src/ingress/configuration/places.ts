/** Where the files are that HAProxy's configuration names: all in one directory. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { lastSegment } from '@berth/model'
import { sectionName } from './words.ts'

export interface IngressPlaces {
  readonly directory: string
  readonly configuration: string
  /** HAProxy's master takes commands here, for its workers too. */
  readonly masterSocket: string
  readonly statsSocket: string
  /** Where a worker hands what clients stick to over to the next one. */
  readonly peersSocket: string
  readonly serverState: string
  /** Where the agent answers those who are to log in. */
  readonly loginSocket: string
  /** Not for HAProxy: what the agent remembers of load balancers that are held back. */
  readonly takenViews: string
  readonly logFile: string
  certificate(arn: string): string
  certificateList(listenerArn: string): string
  trustStore(arn: string): string
  revocations(trustStoreArn: string): string
  key(jwksEndpoint: string, id: string): string
  /** Where a worker that has been replaced hands requests of the listener to its successor. */
  handover(listenerArn: string): string
}

export const placesIn = (directory: string): IngressPlaces => {
  const at = (name: string) => join(directory, name)
  return {
    directory,
    configuration: at('haproxy.cfg'),
    masterSocket: at('master.sock'),
    statsSocket: at('stats.sock'),
    peersSocket: at('peers.sock'),
    serverState: at('server-state'),
    loginSocket: at('login.sock'),
    takenViews: at('taken-views.json'),
    logFile: at('haproxy.log'),
    certificate: arn => at(`${sectionName(arn)}.pem`),
    certificateList: arn => at(`${sectionName(arn)}.crt-list`),
    trustStore: arn => at(`${sectionName(arn)}.ca.pem`),
    revocations: arn => at(`${sectionName(arn)}.crl.pem`),
    // The paths of sockets are short: 108 bytes with the directory.
    handover: arn => at(`${lastSegment(arn).slice(-12)}.sock`),
    key: (endpoint, id) => at(`key.${createHash('sha256').update(`${endpoint} ${id}`).digest('hex')}.pem`),
  }
}
