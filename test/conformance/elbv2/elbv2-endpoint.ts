import { EC2 } from '@aws-sdk/client-ec2'
import {
  type CreateListenerInput,
  ElasticLoadBalancingV2,
  type Listener,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ReadObject } from '@berth/aws-api'
import { createEncryption } from '../../../packages/control-plane/src/encryption/encryption.ts'
import { ec2Service } from '../../../packages/control-plane/src/services/ec2/index.ts'
import { createElbv2Service } from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { accountId, region, ServiceEndpoint } from '../service-endpoint.ts'

/** The instance that is a host. */
export const instanceId = 'i-0123456789abcdef0'

export const certificates = ['one', 'two', 'three'].map(
  id => `arn:aws:acm:${region}:${accountId}:certificate/${id}`,
)
export const pending = `arn:aws:acm:${region}:${accountId}:certificate/pending`
export const encryption = createEncryption(Buffer.alloc(32))

/** Elastic Load Balancing and EC2 in this process, with a VPC of three subnets. */
export class Elbv2Endpoint extends ServiceEndpoint {
  readonly ec2 = new EC2(this.clientOptions())
  readonly elb = new ElasticLoadBalancingV2(this.clientOptions())
  vpcId = ''
  /** One in each zone. */
  subnetIds: string[] = []

  /** Without `readObject`, its operator has named no place for S3 buckets. */
  static async start({ readObject }: { readObject?: ReadObject } = {}): Promise<Elbv2Endpoint> {
    const endpoint = new Elbv2Endpoint([
      ec2Service,
      createElbv2Service({
        encryption,
        readObject,
        isInstance: (_view, _arn, id) => id === instanceId,
        canServe: (_view, arn) => (arn === pending ? false : certificates.includes(arn) || undefined),
      }),
    ])
    await endpoint.store.load()
    const { Subnets = [] } = await endpoint.ec2.describeSubnets({})
    endpoint.subnetIds = Subnets.map(({ SubnetId = '' }) => SubnetId)
    endpoint.vpcId = Subnets[0]?.VpcId ?? ''
    return endpoint
  }

  async newGroup(GroupName: string): Promise<string> {
    const { GroupId = '' } = await this.ec2.createSecurityGroup({ GroupName, Description: 'x' })
    return GroupId
  }

  /** Its ARN. */
  async newLoadBalancer(change: object = {}): Promise<string> {
    const { LoadBalancers } = await this.elb.createLoadBalancer({
      Name: 'web',
      Subnets: this.subnetIds,
      ...change,
    })
    return LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  }

  /** Its ARN. */
  async newTargetGroup(change: object = {}): Promise<string> {
    const { TargetGroups } = await this.elb.createTargetGroup({
      Name: 'blue',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: this.vpcId,
      TargetType: 'ip',
      ...change,
    })
    return TargetGroups?.[0]?.TargetGroupArn ?? ''
  }

  /** On port 80, unless another is named. */
  async createListener(input: object): Promise<Listener | undefined> {
    const { Listeners } = await this.elb.createListener({
      Protocol: 'HTTP',
      Port: 80,
      ...(input as Pick<CreateListenerInput, 'LoadBalancerArn' | 'DefaultActions'>),
    })
    return Listeners?.[0]
  }
}

export const forward = (TargetGroupArn: string) => ({ Type: 'forward' as const, TargetGroupArn })
export const ok = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200' } }
export const https = {
  Protocol: 'HTTPS' as const,
  Port: 443,
  Certificates: certificates.slice(0, 1).map(CertificateArn => ({ CertificateArn })),
}

/** `Code: message` of a refused call. */
export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
