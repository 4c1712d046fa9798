/** A rule that authenticates users, from the API to the browser: HAProxy and the agent of this machine, a provider with TLS. */
import { execFileSync } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCookieJar } from '../../packages/agent/src/ingress/authentication/authentication-fixtures.ts'
import {
  startIdentityProvider,
  type TestIdentityProvider,
} from '../../packages/agent/src/ingress/authentication/identity-provider-fixture.ts'
import { Berth, eventually } from './berth.ts'

const directory = mkdtempSync(join(tmpdir(), 'berth-e2e-tls-'))
const [keyFile, certificateFile] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
const frontAddress = '127.77.18.1'
const jar = createCookieJar()

let berth: Berth
let idp: TestIdentityProvider
const stops: (() => unknown)[] = [() => rmSync(directory, { recursive: true })]
const kept = <T extends { destroy(): void }>(client: T): T => {
  stops.push(() => client.destroy())
  return client
}

beforeAll(async () => {
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:shop.example']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', keyFile, '-out', certificateFile]
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...files], { stdio: 'pipe' })
  idp = await startIdentityProvider({
    key: readFileSync(keyFile, 'utf8'),
    cert: readFileSync(certificateFile, 'utf8'),
  })
  stops.push(() => idp.close())
  berth = await Berth.start({
    server: { BERTH_LOAD_BALANCER_ADDRESSES: `${frontAddress}/32` },
    agent: { BERTH_INGRESS: 'true', NODE_EXTRA_CA_CERTS: certificateFile },
  })
  stops.push(() => berth.stop())
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

/** Answers with the headers that it gets. */
const startTarget = async (): Promise<number> => {
  const server = createServer(({ headers }, response) => response.end(JSON.stringify(headers)))
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  stops.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** Its ARN. */
const loadBalancerBefore = async (port: number): Promise<string> => {
  const [elb, ec2, acm] = [
    kept(new ElasticLoadBalancingV2Client(berth.clientSettings)),
    kept(new EC2Client(berth.clientSettings)),
    kept(new ACMClient(berth.clientSettings)),
  ]
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId) }),
  )
  const { LoadBalancerArn = '' } = LoadBalancers?.[0] ?? {}
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name: 'web', Protocol: 'HTTP', Port: port, VpcId: Subnets[0]?.VpcId, TargetType: 'instance' },
    }),
  )
  const { TargetGroupArn = '' } = TargetGroups?.[0] ?? {}
  const Id = (await berth.instance())?.ec2InstanceId ?? ''
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }))
  const { CertificateArn } = await acm.send(
    new ImportCertificateCommand({
      Certificate: readFileSync(certificateFile),
      PrivateKey: readFileSync(keyFile),
    }),
  )
  const login = {
    ...{ Issuer: idp.issuer, ClientId: 'web', ClientSecret: 'hush' },
    AuthorizationEndpoint: `${idp.issuer}/authorize`,
    TokenEndpoint: `${idp.issuer}/token`,
    UserInfoEndpoint: `${idp.issuer}/userinfo`,
  }
  await elb.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn, Port: 443, Protocol: 'HTTPS', Certificates: [{ CertificateArn }] },
      DefaultActions: [
        { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: login },
        { Type: 'forward', Order: 2, TargetGroupArn },
      ],
    }),
  )
  return LoadBalancerArn
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** As a browser that does not follow redirects. Undefined: nobody answers. */
const visit = (path: string): Promise<Answer | undefined> =>
  new Promise(resolve => {
    const headers = { host: 'shop.example', ...(jar.kept.size > 0 && { cookie: jar.header() }) }
    const tls = { rejectUnauthorized: false, servername: 'shop.example' }
    const asked = request({ host: frontAddress, path, agent: false, headers, ...tls }, answer => {
      let body = ''
      answer.on('data', part => {
        body += part
      })
      answer.on('end', () => {
        jar.keep(answer.headers['set-cookie'])
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body })
      })
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })

const decoded = (part = ''): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString())

it('A user logs in, is known to targets by what they can verify, and stays logged in while the agent is away', async () => {
  const arn = await loadBalancerBefore(await startTarget())
  const first = await eventually('the load balancer answers', async () => {
    const answer = await visit('/cart?id=7')
    return answer?.status === 302 && answer
  })
  expect(first.headers.location).toMatch(`${idp.issuer}/authorize?`)
  const back = await visit(idp.logIn(first.headers.location ?? ''))
  expect([back?.status, back?.headers.location]).toEqual([302, 'https://shop.example/cart?id=7'])

  const told = await eventually('the target answers', async () => {
    const answer = await visit('/cart?id=7')
    return answer?.status === 200 && answer
  })
  const headers = JSON.parse(told.body)
  expect(headers).toMatchObject({ 'x-amzn-oidc-identity': 'ann', 'x-amzn-oidc-accesstoken': 'access-1' })
  const [header, payload, signature = ''] = headers['x-amzn-oidc-data'].split('.')
  expect(decoded(header)).toMatchObject({ alg: 'ES256', signer: arn, iss: idp.issuer, client: 'web' })
  expect(decoded(payload)).toMatchObject({ sub: 'ann', email: 'ann@example.com' })
  const published = await fetch(`${berth.endpoint}/_berth/load-balancer-keys/${decoded(header)['kid']}`)
  const key = { key: createPublicKey(await published.text()), dsaEncoding: 'ieee-p1363' } as const
  const text = Buffer.from(`${header}.${payload}`)
  expect(verify('sha256', text, key, Buffer.from(signature, 'base64url'))).toBe(true)

  await berth.killAgent()
  expect((await visit('/'))?.status).toBe(200)
  await berth.startAgent()
  expect((await visit('/'))?.status).toBe(200)
  jar.kept.delete('AWSELBAuthSessionCookie-0')
  const again = await eventually('the agent sends to log in', async () => {
    const answer = await visit('/')
    return answer?.status === 302 && answer
  })
  expect((await visit(idp.logIn(again.headers.location ?? '')))?.status).toBe(302)
  expect((await visit('/'))?.status).toBe(200)
}, 120_000)
