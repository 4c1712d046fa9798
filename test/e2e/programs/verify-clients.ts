/**
 * Has the load balancer `web` verify its clients by files of the bucket `files`, from a directory in which their certificates
 * are, too. Prints as JSON who is answered, before and after one of them is revoked.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm'
import {
  AddTrustStoreRevocationsCommand,
  CreateListenerCommand,
  CreateTrustStoreCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'

const [directory = '', address = ''] = process.argv.slice(2)
const read = (name: string): string => readFileSync(join(directory, name), 'utf8')

/** What it is answered; undefined: nothing. */
const answerFor = (client?: string): Promise<string | undefined> =>
  new Promise(resolve => {
    const shown = client === undefined ? {} : { cert: read(`${client}.pem`), key: read(`${client}.key`) }
    const options = { host: address, ca: read('ca.pem'), servername: 'a.test', agent: false, ...shown }
    request(options, response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => resolve(body))
    })
      .on('error', () => resolve(undefined))
      .end()
  })
const answers = async () => ({
  good: await answerFor('good'),
  gone: await answerFor('gone'),
  stranger: await answerFor('stranger'),
  nobody: await answerFor(),
})

const elb = new ElasticLoadBalancingV2Client({})
const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['web'] }))
const { CertificateArn } = await new ACMClient({}).send(
  new ImportCertificateCommand({
    Certificate: Buffer.from(read('a.test.pem')),
    PrivateKey: Buffer.from(read('a.test.key')),
    CertificateChain: Buffer.from(read('ca.pem')),
  }),
)
const { TrustStores } = await elb.send(
  new CreateTrustStoreCommand({
    Name: 'clients',
    CaCertificatesBundleS3Bucket: 'files',
    CaCertificatesBundleS3Key: 'ca.pem',
  }),
)
const TrustStoreArn = TrustStores?.[0]?.TrustStoreArn
await elb.send(
  new CreateListenerCommand({
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    Certificates: [{ CertificateArn }],
    MutualAuthentication: { Mode: 'verify', TrustStoreArn },
    DefaultActions: [
      { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'verified' } },
    ],
  }),
)
while ((await answerFor('good')) === undefined) await delay(100)
const before = await answers()
await elb.send(
  new AddTrustStoreRevocationsCommand({
    TrustStoreArn,
    RevocationContents: [{ S3Bucket: 'files', S3Key: 'list.pem' }],
  }),
)
while ((await answerFor('gone')) !== undefined) await delay(100)
process.stdout.write(JSON.stringify([before, await answers()]))
