import type { NumberMembers } from '@berth/aws-api'

/** Its numbers are 32-bit integers, but for these. (AWS: the types in the Elastic Load Balancing API reference) */
export const numberMembers: NumberMembers = {
  doubles: { ZonalCapacityReservationState: ['EffectiveCapacityUnits'] },
  longs: {
    DescribeTrustStoreRevocation: ['RevocationId', 'NumberOfRevokedEntries'],
    DescribeTrustStoreRevocationsInput: ['RevocationIds'],
    GetTrustStoreRevocationContentInput: ['RevocationId'],
    RemoveTrustStoreRevocationsInput: ['RevocationIds'],
    TrustStore: ['TotalRevokedEntries'],
    TrustStoreRevocation: ['RevocationId', 'NumberOfRevokedEntries'],
  },
}
