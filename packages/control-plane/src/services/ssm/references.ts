import { parseArn, type Scope, scopeKey } from '@berth/model'
import type { View } from '../../store/view.ts'
import { parameterNotFound, versionNotFound } from './errors.ts'
import { parameterArn } from './names.ts'
import {
  type ParameterRow,
  type ParameterVersionRow,
  parameters,
  parameterVersions,
  versionRowId,
} from './tables/index.ts'

export const parameterId = (scope: Scope, name: string): string => `${scopeKey(scope)} ${name}`

/** A parameter by its name or ARN. Undefined when there is none. */
export const parameterNamed = (view: View, scope: Scope, text: string): ParameterRow | undefined => {
  if (!text.startsWith('arn:')) return view.get(parameters, parameterId(scope, text))
  const arn = parseArn(text)
  if (arn?.service !== 'ssm' || !arn.resource.startsWith('parameter/')) return undefined
  if (arn.accountId !== scope.accountId || arn.region !== scope.region) return undefined
  const name = arn.resource.slice('parameter/'.length)
  // The ARN does not tell `a` from `/a`.
  return (
    view.get(parameters, parameterId(scope, name)) ?? view.get(parameters, parameterId(scope, `/${name}`))
  )
}

/** Throws ParameterNotFound. */
export const findParameter = (view: View, scope: Scope, text: string): ParameterRow => {
  const parameter = parameterNamed(view, scope, text)
  if (!parameter) throw parameterNotFound(text)
  return parameter
}

export const versionsOf = (view: View, parameter: ParameterRow): ParameterVersionRow[] =>
  [...view.where(parameterVersions, 'byParameter', parameter.id)].sort((a, b) => a.version - b.version)

/** Throws ParameterVersionNotFound. */
export const findVersion = (view: View, parameter: ParameterRow, version: number): ParameterVersionRow => {
  const found = view.get(parameterVersions, versionRowId(parameter.id, version))
  if (!found) throw versionNotFound(parameter.name, String(version))
  return found
}

export interface Selected {
  readonly parameter: ParameterRow
  readonly version: ParameterVersionRow
  /** `:3` or `:label`, as it was asked for. */
  readonly selector?: string
}

/** What `name`, `name:version`, `name:label` or the same with an ARN mean. Throws the NotFound exceptions. */
export const select = (view: View, scope: Scope, text: string): Selected => {
  const { name, selector } = splitSelector(text)
  const parameter = findParameter(view, scope, name)
  if (selector === undefined) return { parameter, version: findVersion(view, parameter, parameter.version) }
  const version = /^\d+$/.test(selector)
    ? findVersion(view, parameter, Number(selector))
    : versionsOf(view, parameter).find(({ labels }) => labels.includes(selector))
  if (!version) throw versionNotFound(parameter.name, selector)
  return { parameter, version, selector: `:${selector}` }
}

const splitSelector = (text: string): { name: string; selector?: string } => {
  const start = text.startsWith('arn:') ? text.indexOf(':parameter/') + 1 : 0
  const colon = text.indexOf(':', start)
  return colon < 0 ? { name: text } : { name: text.slice(0, colon), selector: text.slice(colon + 1) }
}

/** The ARNs that IAM knows of the parameters that a request names, without their selectors. */
export const parameterResources = (scope: Scope, names: readonly (string | undefined)[]): string[] =>
  names.map(text => {
    const { name } = splitSelector(text ?? '')
    return name.startsWith('arn:') ? name : parameterArn(scope, name)
  })
