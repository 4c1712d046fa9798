/** Certificates of an authority that speaks ACME: Pebble asks HAProxy, which then serves what it has issued. */
import { randomUUID } from 'node:crypto'
import { connect, type PeerCertificate } from 'node:tls'
import { ACM } from '@aws-sdk/client-acm'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Pebble,
  startPebble,
} from '../../packages/control-plane/src/certificates/acme/pebble-fixture.ts'
import { Berth, eventually, freePort } from './berth.ts'

const frontAddress = '127.77.19.1'
const name = 'shop.example.com'

let berth: Berth
let pebble: Pebble
let acm: ACM
let elb: ElasticLoadBalancingV2
let httpPort: number
const stops: (() => unknown)[] = []

beforeAll(async () => {
  httpPort = await freePort()
  pebble = await startPebble({ address: frontAddress, httpPort })
  stops.push(() => pebble.stop())
  berth = await Berth.start({
    server: {
      BERTH_LOAD_BALANCER_ADDRESSES: `${frontAddress}/32`,
      BERTH_ACME_DIRECTORY: pebble.directoryUrl,
      BERTH_ACME_CA_BUNDLE: pebble.caFile,
      BERTH_ACME_CONTACT: 'ops@example.com',
    },
    agent: { BERTH_INGRESS: 'true' },
  })
  stops.push(() => berth.stop())
  acm = new ACM(berth.clientSettings)
  elb = new ElasticLoadBalancingV2(berth.clientSettings)
  stops.push(() => {
    acm.destroy()
    elb.destroy()
  })
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

const certificateAt = async (CertificateArn: string) =>
  (await acm.describeCertificate({ CertificateArn })).Certificate

const here = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '203' } } as const
const redirect = {
  Type: 'redirect',
  RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' },
} as const

const loadBalancer = async (): Promise<string> => {
  const ec2 = new EC2Client(berth.clientSettings)
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  ec2.destroy()
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'web',
    Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId),
  })
  return LoadBalancers?.[0]?.LoadBalancerArn ?? ''
}

/** The certificate that a listener serves; undefined: nobody answers. */
const served = (port: number): Promise<PeerCertificate | undefined> =>
  new Promise(resolve => {
    const options = { host: frontAddress, port, servername: name, rejectUnauthorized: false }
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.once('error', () => resolve(undefined))
  })

it('A certificate is validated through the load balancer, served, and renewed, whatever becomes of the server meanwhile', async () => {
  const { CertificateArn = '' } = await acm.requestCertificate({
    ...{ DomainName: name, ValidationMethod: 'DNS', Options: { Export: 'ENABLED' } },
    KeyAlgorithm: 'EC_prime256v1',
  })
  expect(await certificateAt(CertificateArn)).toMatchObject({ Status: 'PENDING_VALIDATION' })
  await eventually('the account is registered', async () =>
    pebble.lines.some(line => line.includes('There are now 1 accounts')),
  )
  await berth.killServer()
  await berth.startServer()
  const LoadBalancerArn = await loadBalancer()
  // Which sends everybody elsewhere, but the authority.
  await elb.createListener({ LoadBalancerArn, Port: httpPort, Protocol: 'HTTP', DefaultActions: [redirect] })
  await eventually(
    'an order is made',
    async () => pebble.lines.some(line => line.includes('Added order')),
    60_000,
  )
  await berth.killServer()
  await berth.startServer()
  const issued = await eventually(
    'it is issued',
    async () => {
      const certificate = await certificateAt(CertificateArn)
      return certificate?.Status === 'ISSUED' && certificate
    },
    60_000,
  )
  expect(issued).toMatchObject({ Issuer: expect.stringMatching('Pebble'), SubjectAlternativeNames: [name] })
  expect(pebble.lines.filter(line => line.includes('There are now 2 accounts'))).toEqual([])

  const port = await freePort()
  const Certificates = [{ CertificateArn }]
  await elb.createListener({
    ...{ LoadBalancerArn, Port: port, Protocol: 'HTTPS', Certificates },
    DefaultActions: [here],
  })
  const first = await eventually('the listener serves it', () => served(port))
  expect(first.subjectaltname).toBe(`DNS:${name}`)
  expect(first.serialNumber.toLowerCase()).toBe(issued.Serial?.replaceAll(':', ''))

  await acm.exportCertificate({ CertificateArn, Passphrase: Buffer.from(randomUUID()) })
  await acm.renewCertificate({ CertificateArn })
  const second = await eventually(
    'the listener serves the next one',
    async () => {
      const certificate = await served(port)
      return certificate && certificate.serialNumber !== first.serialNumber && certificate
    },
    60_000,
  )
  const renewed = await certificateAt(CertificateArn)
  expect(renewed).toMatchObject({ Status: 'ISSUED', RenewalSummary: { RenewalStatus: 'SUCCESS' } })
  expect(second.serialNumber.toLowerCase()).toBe(renewed?.Serial?.replaceAll(':', ''))
}, 180_000)
