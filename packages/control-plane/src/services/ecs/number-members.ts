import type { NumberMembers } from '@berth/aws-api'

/** ECS's numbers are 32-bit integers, but for these. (AWS: the types in the ECS API reference) */
export const numberMembers: NumberMembers = {
  doubles: {
    CanaryConfiguration: ['canaryPercent'],
    DaemonDeploymentConfiguration: ['drainPercent'],
    LinearConfiguration: ['stepPercent'],
    ManagedApplicationAutoScalingPolicy: ['targetValue'],
    MemoryGiBPerVCpuRequest: ['min', 'max'],
    NetworkBandwidthGbpsRequest: ['min', 'max'],
    Resource: ['doubleValue'],
    Scale: ['value'],
    ServiceRevisionSummary: ['requestedTestTrafficWeight', 'requestedProductionTrafficWeight'],
    TotalLocalStorageGBRequest: ['min', 'max'],
  },
  longs: {
    ContainerInstance: ['version'],
    Resource: ['longValue'],
    Task: ['version'],
  },
}
