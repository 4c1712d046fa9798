import { Resolver } from 'node:dns/promises'
import { berthDomain, resolverAddress } from '@berth/model'

/** Whether this machine's resolver of Berth answers. */
export const resolverAnswers = async (): Promise<boolean> => {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 })
  resolver.setServers([resolverAddress])
  try {
    await resolver.resolveSoa(berthDomain)
    return true
  } catch {
    // Whatever is wrong: no answer is an answer.
    return false
  }
}
