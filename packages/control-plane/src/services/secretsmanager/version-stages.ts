/** How staging labels move between the versions of a secret. Pure. (AWS: "PutSecretValue", "UpdateSecretVersionStage") */
import type { SecretVersionRow } from './tables/index.ts'

const current = 'AWSCURRENT'
const previous = 'AWSPREVIOUS'
const pending = 'AWSPENDING'

const without = (version: SecretVersionRow, ...stages: string[]): SecretVersionRow => ({
  ...version,
  stages: version.stages.filter(stage => !stages.includes(stage)),
})
const withStage = (version: SecretVersionRow, stage: string): SecretVersionRow => ({
  ...version,
  stages: [...new Set([...version.stages, stage])].sort(),
})

export const versionWith = (
  versions: readonly SecretVersionRow[],
  stage: string,
): SecretVersionRow | undefined => versions.find(version => version.stages.includes(stage))

/**
 * The versions after `versionId` has got a label: it is taken from the version that had it. The one that loses
 * AWSCURRENT becomes AWSPREVIOUS, and is not pending any more.
 */
const attach = (
  versions: readonly SecretVersionRow[],
  versionId: string,
  stage: string,
): SecretVersionRow[] => {
  const holder = versionWith(versions, stage)
  if (holder?.versionId === versionId) return [...versions]
  return versions.map(version => {
    if (version.versionId === versionId)
      return withStage(stage === current ? without(version, previous) : version, stage)
    if (stage !== current || !holder) return without(version, stage)
    return version === holder
      ? withStage(without(version, current, pending), previous)
      : without(version, previous)
  })
}

export const attachStages = (
  versions: readonly SecretVersionRow[],
  versionId: string,
  stages: readonly string[],
): SecretVersionRow[] =>
  stages.reduce<SecretVersionRow[]>((sum, stage) => attach(sum, versionId, stage), [...versions])

export const detachStage = (
  versions: readonly SecretVersionRow[],
  versionId: string,
  stage: string,
): SecretVersionRow[] =>
  versions.map(version => (version.versionId === versionId ? without(version, stage) : version))
