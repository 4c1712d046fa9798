/** (AWS: "Security policies for your Application Load Balancer") */
export interface SecurityPolicy {
  readonly protocols: readonly string[]
  /** In the order in which they are preferred. */
  readonly ciphers: readonly string[]
}

const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
/** Forward secrecy with authenticated encryption only. */
const restricted = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
]
const forwardSecret = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
]
const forwardSecretSha1 = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
]
const plain = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256']
const plainSha1 = ['AES128-SHA', 'AES256-SHA']

const all = [...forwardSecret, ...forwardSecretSha1, ...plain, ...plainSha1]

export const defaultSslPolicy = 'ELBSecurityPolicy-2016-08'

/** Without those for FIPS and for key exchange that withstands quantum computers, and without those that still allow 3DES. */
export const sslPolicies: Readonly<Record<string, SecurityPolicy>> = {
  'ELBSecurityPolicy-TLS13-1-3-2021-06': { protocols: ['TLSv1.3'], ciphers: tls13 },
  'ELBSecurityPolicy-TLS13-1-2-2021-06': {
    protocols: ['TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...forwardSecret],
  },
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06': {
    protocols: ['TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...restricted],
  },
  'ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06': {
    protocols: ['TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...forwardSecret, ...plain],
  },
  'ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06': {
    protocols: ['TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...all],
  },
  'ELBSecurityPolicy-TLS13-1-1-2021-06': {
    protocols: ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...all],
  },
  'ELBSecurityPolicy-TLS13-1-0-2021-06': {
    protocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...all],
  },
  [defaultSslPolicy]: { protocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'], ciphers: all },
  'ELBSecurityPolicy-TLS-1-2-2017-01': { protocols: ['TLSv1.2'], ciphers: [...forwardSecret, ...plain] },
  'ELBSecurityPolicy-TLS-1-1-2017-01': { protocols: ['TLSv1.1', 'TLSv1.2'], ciphers: all },
  'ELBSecurityPolicy-TLS-1-2-Ext-2018-06': { protocols: ['TLSv1.2'], ciphers: all },
  'ELBSecurityPolicy-FS-2018-06': {
    protocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'],
    ciphers: [...forwardSecret, ...forwardSecretSha1],
  },
  'ELBSecurityPolicy-FS-1-1-2019-08': {
    protocols: ['TLSv1.1', 'TLSv1.2'],
    ciphers: [...forwardSecret, ...forwardSecretSha1],
  },
  'ELBSecurityPolicy-FS-1-2-2019-08': {
    protocols: ['TLSv1.2'],
    ciphers: [...forwardSecret, ...forwardSecretSha1],
  },
  'ELBSecurityPolicy-FS-1-2-Res-2019-08': { protocols: ['TLSv1.2'], ciphers: forwardSecret },
  'ELBSecurityPolicy-FS-1-2-Res-2020-10': { protocols: ['TLSv1.2'], ciphers: restricted },
}
