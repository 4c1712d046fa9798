/** Ids of the zones that aliases to load balancers name. (AWS: "Elastic Load Balancing endpoints and quotas") */
import type { LoadBalancerRow } from './tables/index.ts'

interface HostedZones {
  readonly application: string
  readonly network: string
}

/** Of a region that is not listed. */
const other: HostedZones = { application: 'Z35SXDOTRQ7X7K', network: 'Z26RNL4JYFTOTI' }

const byRegion: Readonly<Record<string, HostedZones>> = {
  'us-east-1': other,
  'us-east-2': { application: 'Z3AADJGX6KTTL2', network: 'ZLMOA37VPKANP' },
  'us-west-1': { application: 'Z368ELLRRE2KJ0', network: 'Z24FKFUX50B4VW' },
  'us-west-2': { application: 'Z1H1FL5HABSF5', network: 'Z18D5FSROUN65G' },
  'ap-northeast-1': { application: 'Z14GRHDCWA56QT', network: 'Z31USIVHYNEOWT' },
  'ap-southeast-2': { application: 'Z1GM3OXH4ZPM65', network: 'ZCT6FZBF4DROD' },
  'eu-central-1': { application: 'Z215JYRZR1TBD5', network: 'Z3F0SRJ5LGBH90' },
  'eu-west-1': { application: 'Z32O12XQLNTSW2', network: 'Z2IFOLAFXWLO4F' },
  'eu-west-2': { application: 'ZHURV8PSTC4K8', network: 'ZD4D7Y8KGAS4G' },
  'eu-west-3': { application: 'Z3Q77PNBQS71R4', network: 'Z1CMS0P5QUZ6D5' },
  'eu-north-1': { application: 'Z23TAZ6LKFMNIO', network: 'Z1UDT6IFJ4EJM' },
  'eu-south-1': { application: 'Z3ULH7SSC9OV64', network: 'Z23146JA1KNAFP' },
}

export const hostedZoneId = (type: LoadBalancerRow['type'], region: string): string =>
  (byRegion[region] ?? other)[type]
