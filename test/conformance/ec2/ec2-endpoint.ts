import { EC2 } from '@aws-sdk/client-ec2'
import {
  createEc2Service,
  type VolumeRow,
  volumeArn,
  volumes,
} from '../../../packages/control-plane/src/services/ec2/index.ts'
import { accountId, region, ServiceEndpoint } from '../service-endpoint.ts'

export const host = `arn:aws:ecs:${region}:${accountId}:container-instance/default/${'1'.repeat(32)}`
const taskArn = `arn:aws:ecs:${region}:${accountId}:task/default/${'2'.repeat(32)}`

/** EC2 in this process. */
export class Ec2Endpoint extends ServiceEndpoint {
  readonly ec2 = new EC2(this.clientOptions())

  static async start(settings: Parameters<typeof createEc2Service>[0] = {}): Promise<Ec2Endpoint> {
    const endpoint = new Ec2Endpoint([createEc2Service(settings)])
    await endpoint.store.load()
    return endpoint
  }

  /** A volume that is kept, with its id. */
  given(number: number, change: Partial<VolumeRow> = {}): string {
    const volumeId = `vol-${String(number).padStart(17, '0')}`
    const volume: VolumeRow = {
      id: volumeArn({ accountId, region }, volumeId),
      state: 'available',
      availabilityZone: `${region}a`,
      containerInstanceArn: host,
      sizeInGiB: 10,
      volumeType: 'gp3',
      filesystemType: 'xfs',
      iops: 3_000,
      throughput: 125,
      tags: [{ key: 'team', value: 'red' }],
      createdAt: this.clock.now(),
      ...change,
    }
    this.store.update(tx => tx.put(volumes, volume))
    return volumeId
  }

  /** One that a task uses. */
  givenInUse(number: number): string {
    const attachedAt = this.clock.now()
    return this.given(number, {
      state: 'in-use',
      attachment: { taskArn, state: 'attached', attachedAt, deleteOnTermination: true },
    })
  }
}
