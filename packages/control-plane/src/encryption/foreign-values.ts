import type { Log } from '../log.ts'
import { acmeAccounts, authorities, certificates } from '../services/acm/index.ts'
import { loadBalancers, rules } from '../services/elbv2/index.ts'
import type { Encryption } from '../services/encryption.ts'
import { secretVersions } from '../services/secretsmanager/index.ts'
import { parameterVersions } from '../services/ssm/index.ts'
import type { View } from '../store/view.ts'

/** Tells the operator of values that nobody can read, because another key than this server's has encrypted them. */
export const warnOfForeignValues = (view: View, encryption: Encryption, log: Pick<Log, 'error'>): void => {
  let values = 0
  for (const row of view.all(secretVersions)) if (!encryption.isOwn(row.encryptedValue)) values++
  for (const row of view.all(parameterVersions)) if (!encryption.isOwn(row.encryptedValue)) values++
  for (const row of view.all(authorities)) if (!encryption.isOwn(row.encryptedPrivateKey)) values++
  for (const row of view.all(acmeAccounts)) if (!encryption.isOwn(row.encryptedPrivateKey)) values++
  for (const { material } of view.all(certificates))
    if (material && !encryption.isOwn(material.encryptedPrivateKey)) values++
  for (const { clientSecret } of view.all(rules))
    if (clientSecret !== undefined && !encryption.isOwn(clientSecret)) values++
  for (const { authenticationKeys } of view.all(loadBalancers))
    if (authenticationKeys && !encryption.isOwn(authenticationKeys.encrypted)) values++
  if (values > 0)
    log.error(
      { values },
      'Secrets, parameters and private keys were encrypted with another key: stop the server, put the secrets.key that belongs to the data into the data directory, and start it again',
    )
}
