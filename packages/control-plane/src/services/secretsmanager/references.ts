import { parseArn, type Scope, scopeKey } from '@berth/model'
import type { View } from '../../store/view.ts'
import { invalidName, markedForDeletion, secretNotFound } from './errors.ts'
import { nameKey, type SecretRow, type SecretVersionRow, secrets, secretVersions } from './tables/index.ts'

const names = /^[A-Za-z0-9/_+=.@!-]{1,512}$/

/** Throws ValidationException. */
export const checkName = (name: string): void => {
  if (!names.test(name)) throw invalidName()
}

/**
 * A secret by its name, its ARN, or its ARN without the hyphen and the six random characters. What ends as a whole ARN
 * does is taken for one: AWS advises against names that end so. (AWS: "Finding a secret from a partial ARN")
 * Throws ResourceNotFoundException.
 */
export const findSecret = (view: View, scope: Scope, secretId: string): SecretRow => {
  const secret = secretId.startsWith('arn:') ? byArn(view, scope, secretId) : byName(view, scope, secretId)
  if (!secret) throw secretNotFound()
  return secret
}

/** Throws ResourceNotFoundException, and InvalidRequestException for a secret that waits for its deletion. */
export const findLiveSecret = (view: View, scope: Scope, secretId: string): SecretRow => {
  const secret = findSecret(view, scope, secretId)
  if (secret.deletionAt !== undefined) throw markedForDeletion()
  return secret
}

const byName = (view: View, scope: Scope, name: string): SecretRow | undefined => {
  checkName(name)
  return secretNamed(view, scope, name)
}

export const secretNamed = (view: View, scope: Scope, name: string): SecretRow | undefined => {
  for (const secret of view.where(secrets, 'byName', nameKey(scopeKey(scope), name))) return secret
  return undefined
}

const byArn = (view: View, scope: Scope, text: string): SecretRow | undefined => {
  const arn = parseArn(text)
  if (arn?.service !== 'secretsmanager' || !arn.resource.startsWith('secret:')) return undefined
  if (arn.accountId !== scope.accountId || arn.region !== scope.region) return undefined
  const whole = view.get(secrets, text)
  const name = arn.resource.slice('secret:'.length)
  return whole ?? (/-[A-Za-z0-9]{6}$/.test(name) ? undefined : secretNamed(view, scope, name))
}

/** In the order in which they were made. */
export const versionsOf = (view: View, secret: SecretRow): SecretVersionRow[] =>
  [...view.where(secretVersions, 'bySecret', secret.id)].sort((a, b) => a.createdAt - b.createdAt)

/** What IAM knows the secret as: its ARN where there is one, else the pattern that its name would have. */
export const secretResource = (view: View, scope: Scope, secretId = ''): string[] => {
  try {
    return [findSecret(view, scope, secretId).id]
  } catch {
    // Whether it is there is for the handler to say, and only to whoever may ask.
    return [
      secretId.startsWith('arn:')
        ? secretId
        : `arn:aws:secretsmanager:${scope.region}:${scope.accountId}:secret:${secretId}-??????`,
    ]
  }
}
