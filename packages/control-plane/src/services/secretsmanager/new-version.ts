import type { Millis } from '../../store/table.ts'
import type { Transaction } from '../../store/view.ts'
import type { Encryption } from '../encryption.ts'
import { limitExceeded, resourceExists } from './errors.ts'
import { versionsOf } from './references.ts'
import { hasValue, type SecretValue } from './secret-value.ts'
import {
  type SecretRow,
  type SecretVersionRow,
  secrets,
  secretVersions,
  versionRowId,
} from './tables/index.ts'
import { attachStages } from './version-stages.ts'

const mostVersions = 100
const mostStages = 20
/** Deprecated versions are kept for so long, however many there are. (AWS: "What's in a Secrets Manager secret?") */
const keptMs = 24 * 60 * 60 * 1000

export interface NewVersion {
  readonly secret: SecretRow
  readonly versionId: string
  readonly value: SecretValue
  readonly stages: readonly string[]
  readonly now: Millis
}

/**
 * Adds a version and moves its labels; a secret's first version is AWSCURRENT, too. The same request again does nothing.
 * Throws ResourceExistsException when the version has another value, LimitExceededException when there are too many.
 */
export const addVersion = (
  tx: Transaction,
  encryption: Encryption,
  request: NewVersion,
): SecretVersionRow => {
  const { secret, versionId, value, now } = request
  if (request.stages.length > mostStages)
    throw limitExceeded(`A version can have at most ${mostStages} staging labels.`)
  const id = versionRowId(secret.id, versionId)
  const known = tx.get(secretVersions, id)
  if (known) {
    if (hasValue(encryption, known, value)) return known
    throw resourceExists(
      `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${secret.id}.`,
    )
  }
  const versions = withRoom(tx, versionsOf(tx, secret), now)
  const added: SecretVersionRow = {
    id,
    secretArn: secret.id,
    versionId,
    stages: [],
    createdAt: now,
    kind: value.kind,
    encryptedValue: encryption.encrypt(value.bytes, id),
  }
  const stages = versions.length === 0 ? [...request.stages, 'AWSCURRENT'] : request.stages
  const staged = attachStages([...versions, added], versionId, stages)
  putVersions(tx, staged)
  tx.put(secrets, { ...secret, changedAt: now })
  return staged.at(-1) ?? added
}

/** Writes those that differ from their rows. */
export const putVersions = (tx: Transaction, versions: readonly SecretVersionRow[]): void => {
  for (const version of versions) {
    const old = tx.get(secretVersions, version.id)
    if (old?.stages.join() !== version.stages.join() || !old) tx.put(secretVersions, version)
  }
}

/** Deletes the oldest deprecated versions when there is no room for one more. */
const withRoom = (
  tx: Transaction,
  versions: readonly SecretVersionRow[],
  now: Millis,
): readonly SecretVersionRow[] => {
  if (versions.length < mostVersions) return versions
  const outdated = versions.filter(
    version => version.stages.length === 0 && version.createdAt <= now - keptMs,
  )
  const [oldest] = outdated
  if (!oldest)
    throw limitExceeded(
      `The secret has ${mostVersions} versions already, none of which is outdated for more than 24 hours.`,
    )
  tx.delete(secretVersions, oldest.id)
  return versions.filter(version => version !== oldest)
}
