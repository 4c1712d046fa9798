/** The rules of a listener of an application load balancer: the first whose conditions hold decides. */
import type { AuthenticationKeys, IngressAction, IngressRule, ListenerFact } from '@berth/model'
import { fixedResponseLine, redirectLines } from './answers.ts'
import {
  authenticationLines,
  callbackLines,
  handedOverBackendLines,
  handOverLines,
  isAuthenticating,
} from './authentication.ts'
import { conditionLines } from './conditions.ts'
import { chooseGroupLines, type Forward, groupCookieLines, sharesOf } from './forwards.ts'
import { type JwtKeys, jwtLines } from './json-web-tokens.ts'
import { transformLines } from './transforms.ts'
import { openSectionName, sectionName, when } from './words.ts'

const isAnyChosen = '{ var(txn.rule) -m found }'

const listName = (rule: number, condition: number): string => `rule${rule}.${condition}`

/** What says, before anything of the request is rewritten, which rule it is. The last rule is what is left. */
const choiceLines = (rules: readonly IngressRule[], isChosenBefore: boolean): string[] =>
  rules
    .slice(0, -1)
    .flatMap(({ conditions }, rule) => [
      ...conditions.flatMap((condition, index) => conditionLines(listName(rule, index), condition)),
      when(
        [
          ...(isChosenBefore || rule > 0 ? [`!${isAnyChosen}`] : []),
          ...conditions.map((_, index) => listName(rule, index)),
        ],
        `http-request set-var(txn.rule) int(${rule})`,
      ),
    ])

const isRule = (listener: ListenerFact, rule: number): string[] => {
  const { rules } = listener
  if (rules.length === 1 && !isAuthenticating(listener)) return []
  return [rule === rules.length - 1 ? `!${isAnyChosen}` : `{ var(txn.rule) -m int ${rule} }`]
}

export interface RuleParts {
  readonly keys: JwtKeys
  /** Of the load balancer; undefined: it has none. */
  readonly authenticationKeys: AuthenticationKeys | undefined
  readonly leastHealthy: LeastHealthy
}

const actionLines = (
  action: IngressAction,
  arn: string,
  listener: ListenerFact,
  conditions: readonly string[],
  { keys, authenticationKeys }: RuleParts,
): string[] => {
  switch (action.type) {
    case 'redirect':
      return redirectLines(action, listener, conditions)
    case 'fixed-response':
      return [fixedResponseLine(action, conditions)]
    case 'forward':
      return [
        ...chooseGroupLines(action, 'http-request', conditions),
        ...groupCookieLines(action, conditions),
      ]
    case 'jwt-validation':
      return jwtLines(action.configuration, keys, conditions)
    case 'authenticate-oidc':
      return authenticationLines(
        action.configuration,
        { arn, listener, keys: authenticationKeys },
        conditions,
      )
  }
}

const forwardsOf = (rules: readonly IngressRule[]): Forward[] =>
  rules.flatMap(({ actions }) => actions.filter(action => action.type === 'forward'))

/** The one group of a listener that does nothing else: its frontend names it, and decides nothing per request. */
export const onlyGroup = ({ rules }: ListenerFact): string | undefined => {
  const [rule, ...others] = rules
  const [action, ...more] = rule?.actions ?? []
  if (others.length > 0 || more.length > 0 || action?.type !== 'forward') return undefined
  const [share, ...shares] = sharesOf(action)
  return shares.length === 0 && action.stickySeconds === undefined ? share?.arn : undefined
}

/** Where requests go when fewer targets of a group are healthy than it wants. */
export type LeastHealthy = (targetGroupArn: string) => number

export const onlyGroupLines = (arn: string, leastHealthy: LeastHealthy): string[] => [
  `use_backend ${openSectionName(arn)} if { nbsrv(${sectionName(arn)}) lt ${leastHealthy(arn)} }`,
  `default_backend ${sectionName(arn)}`,
]

/** For groups that are chosen per request. */
export const chosenGroupLines = (arns: readonly string[], leastHealthy: LeastHealthy): string[] => {
  const withMore = arns.filter(arn => leastHealthy(arn) > 1)
  const isShort = withMore.map(
    arn =>
      `use_backend ${openSectionName(arn)} if { var(txn.group) -m str ${sectionName(arn)} } { nbsrv(${sectionName(arn)}) lt ${leastHealthy(arn)} }`,
  )
  return [
    ...isShort,
    'use_backend %[var(txn.group),concat(.open)] if { var(txn.group),nbsrv eq 0 }',
    'use_backend %[var(txn.group)] if { var(txn.group) -m found }',
  ]
}

export interface RuleLines {
  /** Before headers are added. */
  readonly choice: readonly string[]
  readonly actions: readonly string[]
  /** After headers were added. */
  readonly transforms: readonly string[]
  readonly backends: readonly string[]
}

export const ruleLines = (listener: ListenerFact, parts: RuleParts): RuleLines => {
  const { rules } = listener
  const { leastHealthy } = parts
  const only = onlyGroup(listener)
  if (only !== undefined)
    return { choice: [], actions: [], transforms: [], backends: onlyGroupLines(only, leastHealthy) }
  const forwards = forwardsOf(rules)
  const groups = [...new Set(forwards.flatMap(forward => sharesOf(forward).map(({ arn }) => arn)))]
  return {
    choice: [...callbackLines(listener), ...choiceLines(rules, isAuthenticating(listener))],
    actions: [
      ...rules.flatMap(({ arn, actions }, rule) =>
        actions.flatMap(action => actionLines(action, arn, listener, isRule(listener, rule), parts)),
      ),
      ...handOverLines(listener),
    ],
    transforms: rules.flatMap(({ transforms }, rule) => transformLines(transforms, isRule(listener, rule))),
    backends: [
      ...handedOverBackendLines(listener),
      ...(groups.length === 0 ? [] : chosenGroupLines(groups, leastHealthy)),
    ],
  }
}
