/**
 * The network of a run: what an operator has made before. Two subnets for each zone: one for tasks that are run, which is full
 * at times, and a wide one for services and load balancers.
 */
import { networkInterfaces, securityGroups, subnets, vpcs } from '../../src/services/ec2/index.ts'
import type { JournaledStore } from '../../src/store/journaled-store.ts'

const ec2Arn = (resource: string): string => `arn:aws:ec2:eu-central-1:123456789012:${resource}`

/** Of `zone-1` and `zone-2` in turn: three addresses, eleven, and many. */
const blocks = ['10.0.1.0/29', '10.0.2.0/28', '10.0.3.0/24', '10.0.4.0/24']

export const vpcId = 'vpc-1'
export const wideSubnets = ['subnet-3', 'subnet-4']

export const networkConfiguration = {
  awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] },
}

export const wideConfiguration = {
  awsvpcConfiguration: { subnets: wideSubnets, securityGroups: ['sg-1'] },
}

export const giveNetwork = (store: JournaledStore): void => {
  if (store.get(subnets, ec2Arn('subnet/subnet-1'))) return
  store.update(tx => {
    tx.put(vpcs, {
      id: ec2Arn(`vpc/${vpcId}`),
      blocks: [{ associationId: 'vpc-cidr-assoc-1', cidr: '10.0.0.0/16' }],
      isDefault: false,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: [],
    })
    for (const [index, cidr] of blocks.entries())
      tx.put(subnets, {
        id: ec2Arn(`subnet/subnet-${index + 1}`),
        vpcId,
        cidr,
        ipv6Block: { associationId: `subnet-cidr-assoc-${index + 1}`, cidr: `fd00:0:0:${index + 1}::/64` },
        availabilityZone: `zone-${(index % 2) + 1}`,
        isDefaultForZone: false,
        mapPublicIpOnLaunch: false,
        hostnameType: 'ip-name',
        resourceNameARecord: false,
        tags: [],
      })
    const group = { vpcId, name: 'default', description: '', tags: [] }
    tx.put(securityGroups, { id: ec2Arn('security-group/sg-1'), ...group })
  })
}

/** How many interfaces of tasks there are. */
export const interfacesIn = (store: JournaledStore): number =>
  [...store.all(networkInterfaces)].filter(({ holder }) => holder?.kind === 'task').length
