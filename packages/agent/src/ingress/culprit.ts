/** Whose part of the configuration HAProxy does not take. */

import type { IngressView } from './configuration/view.ts'
import { sectionName } from './configuration/words.ts'

const sectionAt = (configuration: string, line: number): string | undefined =>
  configuration
    .split('\n')
    .slice(0, line)
    .findLast(text => /^(frontend|backend) /.test(text))
    ?.split(' ')[1]

/** The load balancer that HAProxy's complaint names by a line of the file; undefined: none. The file has one line above the text. */
export const culpritOf = (
  complaint: string,
  configuration: string,
  view: IngressView,
): string | undefined => {
  const [, line] = /haproxy\.cfg:(\d+)\]/.exec(complaint) ?? []
  const section = line === undefined ? undefined : sectionAt(configuration, Number(line) - 1)
  const names = (complaintSection: string, arn: string) =>
    complaintSection === sectionName(arn) || complaintSection.startsWith(`${sectionName(arn)}.`)
  return view.loadBalancers.find(({ listeners, targetGroups }) =>
    [...listeners, ...targetGroups].some(
      ({ arn }) =>
        (section !== undefined && names(section, arn)) || complaint.includes(`'${sectionName(arn)}'`),
    ),
  )?.loadBalancer.arn
}
