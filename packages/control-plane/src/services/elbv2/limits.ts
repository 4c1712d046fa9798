/** Quotas that no operator can change yet, as they are in a new account of AWS; where AWS raises them on request, higher. */
export const limits = {
  /** Of each type. **Berth** */
  loadBalancers: 1_000,
  targetGroups: 3_000,
  listenersPerLoadBalancer: 50,
  /** Without the default ones. (AWS: "Quotas for your Application Load Balancers") */
  rulesPerLoadBalancer: 100,
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  targetsPerTargetGroup: 1_000,
  conditionValuesPerRule: 5,
  conditionWildcardsPerRule: 5,
  /** Without the default ones. */
  certificatesPerLoadBalancer: 25,
  trustStores: 20,
  caCertificatesPerTrustStore: 25,
  caCertificateBytes: 16 * 1024,
  caSubjectBytesPerTrustStore: 10_000,
  revocationListsPerTrustStore: 30,
  revocationEntriesPerTrustStore: 500_000,
} as const

/** As DescribeAccountLimits names them. */
export const accountLimits: Readonly<Record<string, number>> = {
  'application-load-balancers': limits.loadBalancers,
  'certificates-per-application-load-balancer': limits.certificatesPerLoadBalancer,
  'certificates-per-network-load-balancer': limits.certificatesPerLoadBalancer,
  'condition-values-per-alb-rule': limits.conditionValuesPerRule,
  'condition-wildcards-per-alb-rule': limits.conditionWildcardsPerRule,
  'listeners-per-application-load-balancer': limits.listenersPerLoadBalancer,
  'listeners-per-network-load-balancer': limits.listenersPerLoadBalancer,
  'network-load-balancers': limits.loadBalancers,
  'rules-per-application-load-balancer': limits.rulesPerLoadBalancer,
  'target-groups': limits.targetGroups,
  'target-groups-per-action-on-application-load-balancer': limits.targetGroupsPerAction,
  'target-groups-per-action-on-network-load-balancer': limits.targetGroupsPerAction,
  'target-groups-per-application-load-balancer': limits.targetGroupsPerLoadBalancer,
  'targets-per-application-load-balancer': limits.targetsPerTargetGroup,
  'targets-per-network-load-balancer': limits.targetsPerTargetGroup,
  'targets-per-target-group': limits.targetsPerTargetGroup,
  'trust-stores': limits.trustStores,
}
