/** What Amazon EC2 is to the other services: the volumes that ECS gives tasks. Its API is not served yet. */
import type { Service } from '../service.ts'
import { volumes } from './tables/volumes.ts'

export {
  newVolumeId,
  type VolumeRow,
  type VolumeType,
  volumeArn,
  volumes,
  volumeTypes,
} from './tables/volumes.ts'

export const ec2Tables: Pick<Service, 'tables' | 'histories'> = { tables: [volumes], histories: [] }
