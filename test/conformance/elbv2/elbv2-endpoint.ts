import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ec2Service } from '../../../packages/control-plane/src/services/ec2/index.ts'
import { createElbv2Service } from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { ServiceEndpoint } from '../service-endpoint.ts'

/** The instance that is a host. */
export const instanceId = 'i-0123456789abcdef0'

/** Elastic Load Balancing and EC2 in this process, with a VPC of three subnets. */
export class Elbv2Endpoint extends ServiceEndpoint {
  readonly ec2 = new EC2(this.clientOptions())
  readonly elb = new ElasticLoadBalancingV2(this.clientOptions())
  vpcId = ''
  /** One in each zone. */
  subnetIds: string[] = []

  static async start(): Promise<Elbv2Endpoint> {
    const endpoint = new Elbv2Endpoint([
      ec2Service,
      createElbv2Service({ isInstance: (_view, _arn, id) => id === instanceId }),
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
}

/** `Code: message` of a refused call. */
export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
