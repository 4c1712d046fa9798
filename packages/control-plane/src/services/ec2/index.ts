/** What Amazon EC2 is to the other services: the volumes that ECS gives tasks. Its API is not served yet. */
import type { Service } from '../service.ts'
import { volumes } from './tables/index.ts'

export {
  newVolumeId,
  type VolumeRow,
  type VolumeType,
  volumeArn,
  volumes,
  volumeTypes,
} from './tables/index.ts'

export const ec2Tables: Pick<Service, 'tables' | 'histories'> = { tables: [volumes], histories: [] }
