import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  ModifyVpcAttributeRequest,
} from '@aws-sdk/client-ec2'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, onOne, reading } from '../../network/operations.ts'
import { vpcs } from '../../tables/index.ts'

const describeVpcAttribute = reading<DescribeVpcAttributeRequest, DescribeVpcAttributeResult>({
  name: 'DescribeVpcAttribute',
  takes: ['VpcId', 'Attribute'],
  read: ({ VpcId, Attribute }, { store, scope }) => {
    const vpc = rowOf(store, scope, vpcKind, VpcId, 'vpcId')
    if (!Attribute) throw missingParameter('attribute')
    if (Attribute === 'enableDnsSupport') return { VpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } }
    if (Attribute === 'enableDnsHostnames')
      return { VpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } }
    if (Attribute === 'enableNetworkAddressUsageMetrics')
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } }
    throw invalidParameterValue(`Value (${Attribute}) for parameter attribute is invalid. Unknown attribute.`)
  },
})

const modifyVpcAttribute = changing<ModifyVpcAttributeRequest>({
  name: 'ModifyVpcAttribute',
  takes: ['VpcId', 'EnableDnsSupport', 'EnableDnsHostnames', 'EnableNetworkAddressUsageMetrics'],
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, input, { scope }) => {
    const { VpcId, EnableDnsSupport, EnableDnsHostnames, EnableNetworkAddressUsageMetrics } = input
    const vpc = rowOf(tx, scope, vpcKind, VpcId, 'vpcId')
    const given = [EnableDnsSupport, EnableDnsHostnames, EnableNetworkAddressUsageMetrics].filter(
      attribute => attribute !== undefined,
    )
    if (given.length === 0) throw ec2Error('InvalidParameterCombination', 'No attributes specified.')
    // (AWS: ModifyVpcAttribute: "You cannot modify [two of them] in the same request")
    if (given.length > 1)
      throw ec2Error('InvalidParameterCombination', 'Fields for multiple attribute types specified')
    if (EnableNetworkAddressUsageMetrics?.Value)
      throw ec2Error(
        'UnsupportedOperation',
        'EnableNetworkAddressUsageMetrics is not supported by Berth yet.',
      )
    const changed = {
      ...vpc,
      enableDnsSupport: EnableDnsSupport?.Value ?? vpc.enableDnsSupport,
      enableDnsHostnames: EnableDnsHostnames?.Value ?? vpc.enableDnsHostnames,
    }
    if (EnableDnsHostnames?.Value && !vpc.enableDnsSupport)
      throw ec2Error('InvalidParameterCombination', 'DNS hostnames can be enabled only with DNS support.')
    tx.put(vpcs, changed)
    return {}
  },
})

export const vpcAttributeOperations = [describeVpcAttribute, modifyVpcAttribute]
