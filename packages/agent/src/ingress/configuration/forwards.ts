/** Which target group a request or connection goes to (AWS: Forward actions; Target group stickiness). */
import type { IngressAction } from '@berth/model'
import { cookieValueOf, sectionName, when } from './words.ts'

export type Forward = Extract<IngressAction, { type: 'forward' }>

type Weighted = Forward['targetGroups'][number]

export const groupCookie = 'AWSALBTG'

/** Groups that get new traffic; a weight of 0 gets none. A group alone gets all of it, whatever its weight. */
export const sharesOf = ({ targetGroups }: Forward): readonly Weighted[] =>
  targetGroups.length === 1 ? targetGroups : targetGroups.filter(({ weight }) => weight > 0)

const chosen = 'var(txn.group)'
const isChosen = `{ ${chosen} -m found }`

/** Group after group gets its part of what those before it left. */
const draws = (shares: readonly Weighted[]): { group: string; drawn: readonly string[] }[] => {
  let left = shares.reduce((sum, { weight }) => sum + weight, 0)
  return shares.map(({ arn, weight }, index) => {
    const drawn = index === shares.length - 1 ? [] : [`{ rand(${left}) lt ${weight} }`]
    left -= weight
    return { group: arn, drawn }
  })
}

/** What sets txn.group to the section of the group. `kind` is where: `http-request` or `tcp-request content`. */
export const chooseGroupLines = (
  forward: Forward,
  kind: 'http-request' | 'tcp-request content',
  conditions: readonly string[],
): string[] => {
  const shares = sharesOf(forward)
  const choose = (arn: string, extra: readonly string[]) =>
    when([...conditions, ...extra], `${kind} set-var(txn.group) str(${sectionName(arn)})`)
  const sticky =
    forward.stickySeconds === undefined
      ? []
      : shares.map(({ arn }) => choose(arn, [`{ req.cook(${groupCookie}) -m str ${cookieValueOf(arn)} }`]))
  const drawn = draws(shares).map(({ group, drawn }, index) =>
    choose(group, [...(sticky.length > 0 || index > 0 ? [`!${isChosen}`] : []), ...drawn]),
  )
  return [...sticky, ...drawn]
}

/** What tells the client its group, with every answer, so that its time begins anew. */
export const groupCookieLines = (forward: Forward, conditions: readonly string[]): string[] => {
  if (forward.stickySeconds === undefined) return []
  return sharesOf(forward).map(({ arn }) => {
    const cookie = `${groupCookie}=${cookieValueOf(arn)}; Max-Age=${forward.stickySeconds}; Path=/`
    return when(
      [...conditions, `{ ${chosen} -m str ${sectionName(arn)} }`],
      `http-response add-header Set-Cookie '${cookie}'`,
    )
  })
}
