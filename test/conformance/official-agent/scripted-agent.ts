/**
 * A client that says what the official Amazon ECS agent v1.105.1 says in external mode, member by member, and runs
 * nothing: what happens to containers is for the test to tell.
 */
import { randomUUID } from 'node:crypto'
import type { Server } from './server.ts'
import { agentKey } from './server.ts'
import { type Answer, call, type Key, Session } from './wire.ts'

const names = [
  ...[17, 18, 19, 20, 21, 22, 23, 24, 25, 29, 35, 41].map(
    minor => `com.amazonaws.ecs.capability.docker-remote-api.1.${minor}`,
  ),
  ...['json-file', 'awslogs', 'splunk', 'fluentd', 'awsfirelens', 'none'].map(
    driver => `com.amazonaws.ecs.capability.logging-driver.${driver}`,
  ),
  'com.amazonaws.ecs.capability.privileged-container',
  'com.amazonaws.ecs.capability.ecr-auth',
  'com.amazonaws.ecs.capability.task-iam-role',
  'com.amazonaws.ecs.capability.task-iam-role-network-host',
  ...[
    'execution-role-awslogs',
    'execution-role-ecr-pull',
    'task-cpu-mem-limit',
    'container-health-check',
    'container-ordering',
    'container-restart-policy',
    'pid-ipc-namespace-sharing',
    'private-registry-authentication.secretsmanager',
    'secrets.asm.environment-variables',
    'secrets.asm.bootstrap.log-driver',
    'secrets.ssm.environment-variables',
    'secrets.ssm.bootstrap.log-driver',
    'env-files.s3',
    'efs',
    'efsAuth',
    'docker-plugin.local',
    'firelens.fluentbit',
    'firelens.fluentd',
    'firelens.options.config.file',
    'firelens.options.config.s3',
    'storage.ebs-task-volume-attach',
    'external',
  ].map(name => `ecs.capability.${name}`),
]

export const valued = [
  { name: 'ecs.cpu-architecture', value: 'x86_64' },
  { name: 'ecs.os-type', value: 'linux' },
  { name: 'ecs.os-family', value: 'LINUX' },
  { name: 'ecs.os-type-detailed', value: 'debian_12' },
]

/** What RegisterContainerInstance is sent at every start; the two documents are empty outside of EC2. */
export const registration = {
  cluster: 'default',
  attributes: [...names.map(name => ({ name })), ...valued],
  totalResources: [
    { name: 'CPU', type: 'INTEGER', integerValue: 2048 },
    { name: 'MEMORY', type: 'INTEGER', integerValue: 7952 },
    { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2375', '2376', '51678', '51679'] },
    { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
  ],
  instanceIdentityDocument: '',
  instanceIdentityDocumentSignature: '',
}

/** The same agent on an EC2 instance, where EFS volumes are allowed. */
export const notExternal = {
  attributes: registration.attributes.filter(({ name }) => name !== 'ecs.capability.external'),
}

const query = (members: Readonly<Record<string, string>>): string =>
  Object.entries(members)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')

const version = { agentHash: '1a2b3c4d', agentVersion: '1.105.1' }

export class ScriptedAgent {
  readonly #server: Server
  readonly #key: Key
  /** As it keeps it in its database. */
  instanceArn = ''
  cluster = 'default'
  /** True until the first session of this process. */
  #sendsCredentials = true

  constructor(server: Server, key: Key = agentKey) {
    this.#server = server
    this.#key = key
  }

  call(
    operation: string,
    body: object,
    attempts?: Parameters<typeof call>[4],
    key = this.#key,
  ): Promise<Answer> {
    return call(this.#server.endpoint, key, operation, body, attempts)
  }

  async register(change: object = {}): Promise<Answer> {
    const answer = await this.call('RegisterContainerInstance', {
      clientToken: randomUUID(),
      ...registration,
      ...change,
      cluster: this.cluster,
      ...(this.instanceArn && { containerInstanceArn: this.instanceArn }),
    })
    this.instanceArn ||= answer.body.containerInstance?.containerInstanceArn ?? ''
    return answer
  }

  /** Once after the registration, and then each twelve hours. */
  discover(): Promise<Answer> {
    const { cluster, instanceArn } = this
    return this.call('DiscoverPollEndpoint', { cluster, containerInstance: instanceArn, zoneId: '' })
  }

  /** Keys are sorted; the cluster is what the operator has configured. */
  async acs(change: Readonly<Record<string, string>> = {}): Promise<Session> {
    const { endpoint } = (await this.discover()).body
    const members = query({
      ...version,
      clusterArn: this.cluster,
      containerInstanceArn: this.instanceArn,
      dockerVersion: 'DockerVersion: 20.10.24+dfsg1',
      protocolVersion: '2',
      sendCredentials: String(this.#sendsCredentials),
      seqNum: '1',
      ...change,
    })
    const session = await Session.open(socketUrl(endpoint, members), this.#key)
    this.#sendsCredentials = false
    return session
  }

  async tcs(): Promise<Session> {
    const { telemetryEndpoint } = (await this.discover()).body
    const { cluster, instanceArn } = this
    const members = query({
      ...version,
      cluster,
      containerInstance: instanceArn,
      dockerVersion: '20.10.24+dfsg1',
    })
    return Session.open(socketUrl(telemetryEndpoint, members), this.#key)
  }

  publish(tcs: Session, type: string, message: object): void {
    tcs.saySigned(this.#key, type, message)
  }

  acknowledge(acs: Session, { messageId }: { readonly messageId: string }): void {
    acs.say('AckRequest', { cluster: this.cluster, containerInstance: this.instanceArn, messageId })
  }

  /** One for each set of credentials, in an order that nothing guarantees. */
  acknowledgeCredentials(
    acs: Session,
    messageId: string,
    { expiration, credentialsId }: { readonly expiration: string; readonly credentialsId: string },
  ): void {
    acs.say('IAMRoleCredentialsAckRequest', { messageId, expiration, credentialsId })
  }

  /** Up to 298 attempts within a day. */
  report(task: string, change: object): Promise<Answer> {
    const { cluster } = this
    return this.call('SubmitTaskStateChange', { cluster, task, reason: '', ...change }, { most: 298 })
  }

  /** The whole of a start: registered, and both sessions open. */
  async join(change: object = {}): Promise<{ readonly acs: Session; readonly tcs: Session }> {
    await this.register(change)
    return { acs: await this.acs(), tcs: await this.tcs() }
  }
}

const socketUrl = (endpoint: string, members: string): URL =>
  new URL(`${endpoint.replace('http', 'ws')}/ws?${members}`)
