import { type Reconciler, remove, unchanged } from '../../control-loop/plan.ts'
import { versionsOf } from './references.ts'
import { type SecretRow, secrets, secretVersions } from './tables/index.ts'

/** Deletes secrets for good once their recovery window has ended. A key is a secret's ARN. */
export const deletedSecrets: Reconciler = {
  name: 'secretsmanager.deleted-secrets',
  keys: function* (view) {
    for (const secret of view.all(secrets)) if (secret.deletionAt !== undefined) yield secret.id
  },
  tables: [secrets],
  keysOf: ({ after }) =>
    (after as SecretRow | undefined)?.deletionAt !== undefined ? [(after as SecretRow).id] : [],
  reconcile: (view, arn, { now }) => {
    const secret = view.get(secrets, arn)
    if (secret?.deletionAt === undefined) return { expects: [], steps: [] }
    if (now < secret.deletionAt) return { expects: [], steps: [], wakeAt: secret.deletionAt }
    return {
      expects: [unchanged(view, secrets, arn)],
      steps: [...versionsOf(view, secret).map(({ id }) => remove(secretVersions, id)), remove(secrets, arn)],
    }
  },
}
