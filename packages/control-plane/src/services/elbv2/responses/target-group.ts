import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { View } from '../../../store/view.ts'
import type { TargetGroupRow } from '../tables/index.ts'
import { loadBalancerOfTargetGroup } from '../target-group-use.ts'

export const targetGroupResponse = (row: TargetGroupRow, view: View): TargetGroup => {
  const { healthCheck: check } = row
  const loadBalancer = loadBalancerOfTargetGroup(view, row.id)
  return {
    TargetGroupArn: row.id,
    TargetGroupName: row.name,
    Protocol: row.protocol,
    Port: row.port,
    VpcId: row.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port === undefined ? 'traffic-port' : String(check.port),
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher:
      check.matcher === undefined
        ? undefined
        : { [row.protocolVersion === 'GRPC' ? 'GrpcCode' : 'HttpCode']: check.matcher },
    LoadBalancerArns: loadBalancer === undefined ? [] : [loadBalancer],
    TargetType: row.targetType,
    ProtocolVersion: row.protocolVersion,
    IpAddressType: row.ipAddressType,
  }
}
