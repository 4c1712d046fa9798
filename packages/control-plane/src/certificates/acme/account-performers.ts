/** Makes and registers the account at the operator's authority. (RFC 8555, 7.3) */
import type { Performer } from '../../control-loop/effects.ts'
import {
  type AccountRequest,
  acmeAccounts,
  type MadeAccountKey,
  makeAccountKeyKind,
  type RegisteredAccount,
  registerAccountKind,
} from '../../services/acm/index.ts'
import type { Acting } from './acting.ts'
import { externalAccountBinding, publicKeyOf } from './jws.ts'
import { AcmeProblem } from './problem.ts'

/** An authority that knows the key already answers with its account. */
const register = async (
  acting: Acting,
  accountRowId: string,
  signal: AbortSignal,
): Promise<RegisteredAccount> => {
  const { connection, settings } = acting
  const { newAccount } = await connection.directory(signal)
  const { contact, externalAccount } = settings
  const key = acting.keyOf(acting.found(acmeAccounts, accountRowId))
  const payload = {
    termsOfServiceAgreed: true,
    ...(contact !== undefined && { contact: [contact] }),
    ...(externalAccount && {
      externalAccountBinding: externalAccountBinding(externalAccount, publicKeyOf(key), newAccount),
    }),
  }
  const { headers } = await connection.post(newAccount, { key }, payload, signal)
  if (headers.location === undefined) throw new AcmeProblem('malformed', 'It names no account')
  return { url: headers.location }
}

export const accountPerformers = (acting: Acting): Readonly<Record<string, Performer>> => ({
  [makeAccountKeyKind]: async ({ request }): Promise<MadeAccountKey> => {
    const { makePrivateKey } = await import('../x509.ts')
    const { accountRowId } = request as AccountRequest
    return { encryptedPrivateKey: acting.seal(await makePrivateKey('EC_prime256v1'), accountRowId) }
  },
  [registerAccountKind]: ({ id, request, signal }) =>
    acting.orRefusal(id, () => register(acting, (request as AccountRequest).accountRowId, signal)),
})
