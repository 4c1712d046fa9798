/** What does not count, because no test could ever send, see or provoke it; docs/coverage.md tells it with the reasons. */

export interface Exemption {
  /** Of which operations; all of them without. */
  readonly operations?: readonly string[]
  /** What the member or error is called, or how it ends: `requiresAttributes[].value`. */
  readonly ending: string
  readonly reason: string
}

export const exemptions: readonly Exemption[] = [
  {
    ending: 'ClientException',
    reason: 'ECS’s name for what it has no other name for. Where tests provoke it, it counts.',
  },
  {
    ending: 'requiresAttributes[].value',
    reason: 'ECS shows the names of required attributes only.',
  },
  { ending: 'requiresAttributes[].targetType', reason: 'As above.' },
  { ending: 'requiresAttributes[].targetId', reason: 'As above.' },
  {
    ending: 'inferenceAccelerators[].deviceName',
    reason: 'AWS ended Elastic Inference in 2024; requests with it are refused.',
  },
  { ending: 'inferenceAccelerators[].deviceType', reason: 'As above.' },
  {
    operations: ['RegisterTaskDefinition'],
    ending: 'taskDefinition.deregisteredAt',
    reason: 'A definition that was just registered is not deregistered.',
  },
  {
    operations: ['RegisterTaskDefinition', 'DeregisterTaskDefinition'],
    ending: 'taskDefinition.deleteRequestedAt',
    reason: 'Its deletion can be requested later only.',
  },
  {
    operations: ['CreateCluster', 'UpdateCluster', 'UpdateClusterSettings', 'DeleteCluster'],
    ending: 'cluster.statistics[].name',
    reason: 'Only DescribeClusters can be asked for statistics; elsewhere the list is empty.',
  },
  {
    operations: ['CreateCluster', 'UpdateCluster', 'UpdateClusterSettings', 'DeleteCluster'],
    ending: 'cluster.statistics[].value',
    reason: 'As above.',
  },
  {
    operations: ['DescribeClusters', 'DescribeTasks', 'DescribeContainerInstances', 'DeleteTaskDefinitions'],
    ending: 'failures[].detail',
    reason: 'The reason of these failures has no detail.',
  },
]

export const exemptionOf = (operation: string, member: string): Exemption | undefined =>
  exemptions.find(
    ({ operations, ending }) =>
      (member === ending || member.endsWith(`.${ending}`)) && (!operations || operations.includes(operation)),
  )
