/** The network of a run: what an operator has made before, a subnet for each zone, one of which is nearly always full. */
import { networkInterfaces, securityGroups, subnets } from '../../src/services/ec2/index.ts'
import type { JournaledStore } from '../../src/store/journaled-store.ts'

const ec2Arn = (resource: string): string => `arn:aws:ec2:eu-central-1:123456789012:${resource}`

/** In `zone-1` three addresses, in `zone-2` eleven. */
const blocks = ['10.0.1.0/29', '10.0.2.0/28']

export const networkConfiguration = {
  awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] },
}

export const giveNetwork = (store: JournaledStore): void => {
  if (store.get(subnets, ec2Arn('subnet/subnet-1'))) return
  store.update(tx => {
    for (const [index, cidr] of blocks.entries())
      tx.put(subnets, {
        id: ec2Arn(`subnet/subnet-${index + 1}`),
        vpcId: 'vpc-1',
        cidr,
        ipv6Block: { associationId: `subnet-cidr-assoc-${index + 1}`, cidr: `fd00:0:0:${index + 1}::/64` },
        availabilityZone: `zone-${index + 1}`,
        isDefaultForZone: false,
        mapPublicIpOnLaunch: false,
        hostnameType: 'ip-name',
        resourceNameARecord: false,
        tags: [],
      })
    const group = { vpcId: 'vpc-1', name: 'default', description: '', tags: [] }
    tx.put(securityGroups, { id: ec2Arn('security-group/sg-1'), ...group })
  })
}

/** How many interfaces of tasks there are. */
export const interfacesIn = (store: JournaledStore): number => [...store.all(networkInterfaces)].length
