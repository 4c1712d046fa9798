import { expect, it } from 'vitest'
import { Elbv2Endpoint, instanceId, refusal } from './elbv2-endpoint.ts'

it.each(['UDP', 'TCP_UDP'])(
  'Targets of %s are refused in the VPC, where they would get no datagram',
  async Protocol => {
    const berth = await Elbv2Endpoint.start()
    const TargetGroupArn = await berth.newTargetGroup({ Protocol })
    expect(
      await refusal(berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9' }] })),
    ).toContain("UnsupportedOperation: UDP to the address '172.31.0.9', which is in the VPC")
    // Hosts, and what they reach by their own network.
    await berth.elb.registerTargets({
      TargetGroupArn,
      Targets: [{ Id: '10.9.9.9', AvailabilityZone: 'all' }],
    })
    const instances = await berth.newTargetGroup({ Name: 'hosts', Protocol, TargetType: 'instance' })
    await berth.elb.registerTargets({ TargetGroupArn: instances, Targets: [{ Id: instanceId }] })
  },
)
