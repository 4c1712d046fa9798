/** (AWS: "Amazon EC2 instance hostname types") */
export const privateDomainOf = (region: string): string =>
  region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`

export const privateNameOf = (ip: string, region: string): string =>
  `ip-${ip.replaceAll('.', '-')}.${privateDomainOf(region)}`
