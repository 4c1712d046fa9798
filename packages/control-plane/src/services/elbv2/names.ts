import { validationError } from './errors.ts'

const longest = 32

const checkName = (what: string, name: string): void => {
  if (name === '') throw validationError(`${what} name cannot be empty`)
  if (name.length > longest)
    throw validationError(`${what} name '${name}' cannot be longer than '${longest}' characters`)
  if (!/^[A-Za-z0-9-]+$/.test(name))
    throw validationError(
      `${what} name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
    )
  if (name.startsWith('-') || name.endsWith('-'))
    throw validationError(`${what} name '${name}' cannot begin or end with '-'`)
}

/** (AWS: CreateLoadBalancer, `Name`) */
export const checkLoadBalancerName = (name: string): void => {
  checkName('Load balancer', name)
  if (name.startsWith('internal-'))
    throw validationError(`Load balancer name '${name}' cannot begin with 'internal-'`)
}

/** (AWS: CreateTargetGroup, `Name`) */
export const checkTargetGroupName = (name: string): void => checkName('Target group', name)

/** (AWS: CreateTrustStore, `Name`) */
export const checkTrustStoreName = (name: string): void => {
  checkName('Trust store', name)
  if (name.includes('--'))
    throw validationError(`Trust store name '${name}' cannot contain two hyphens in a row`)
}
