import { readFileSync } from 'node:fs'
import { ConfigurationError } from '../configuration.ts'
import { type HookTarget, type HookTargets, noHookTargets } from '../services/ecs/index.ts'

const taskMembers = [
  'taskDefinition',
  'cluster',
  'launchType',
  'overrides',
  'networkConfiguration',
  'placementConstraints',
  'placementStrategy',
]

/** The file that BERTH_HOOKS names: docs/configuration.md. Throws ConfigurationError. */
export const readHookTargets = (path: string | undefined): HookTargets => {
  if (path === undefined) return noHookTargets
  const file = parsed(path)
  return new Map(
    Object.entries(file).map(([arn, entry]) => [checkedArn(path, arn), targetOf(path, arn, entry)]),
  )
}

const parsed = (path: string): object => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isObject(value)) return value
  } catch (error) {
    throw problem(path, error instanceof Error ? error.message : String(error))
  }
  throw problem(path, 'it must be a JSON object, with an entry for each hook target.')
}

const checkedArn = (path: string, arn: string): string => {
  if (!arn.startsWith('arn:')) throw problem(path, `${arn} is not an ARN.`)
  return arn
}

const targetOf = (path: string, arn: string, entry: unknown): HookTarget => {
  if (!isObject(entry) || 'url' in entry === 'taskDefinition' in entry)
    throw problem(path, `${arn} needs either a url or a taskDefinition.`)
  return 'url' in entry ? urlTarget(path, arn, entry) : taskTarget(path, arn, entry)
}

const urlTarget = (path: string, arn: string, entry: Record<string, unknown>): HookTarget => {
  const { url, headers = {}, ...others } = entry
  refuseOthers(path, arn, Object.keys(others))
  if (typeof url !== 'string' || !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw problem(path, `the url of ${arn} must begin with http:// or https://.`)
  if (!isObject(headers) || Object.values(headers).some(value => typeof value !== 'string'))
    throw problem(path, `the headers of ${arn} must be texts.`)
  return { kind: 'url', url, headers: headers as Record<string, string> }
}

const taskTarget = (path: string, arn: string, entry: Record<string, unknown>): HookTarget => {
  refuseOthers(
    path,
    arn,
    Object.keys(entry).filter(name => !taskMembers.includes(name)),
  )
  if (typeof entry['taskDefinition'] !== 'string' || entry['taskDefinition'] === '')
    throw problem(path, `the taskDefinition of ${arn} must be a family, family:revision or an ARN.`)
  return { kind: 'task', task: entry as Extract<HookTarget, { kind: 'task' }>['task'] }
}

const refuseOthers = (path: string, arn: string, names: readonly string[]): void => {
  if (names.length > 0) throw problem(path, `${arn} has ${names.join(', ')}, which means nothing there.`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const problem = (path: string, text: string): Error =>
  new ConfigurationError(`The file of BERTH_HOOKS, ${path}: ${text}`)
