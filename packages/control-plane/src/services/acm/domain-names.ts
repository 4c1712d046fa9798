/** The names that a certificate is requested for, and how it is shown that they are the caller's. */
import { createHash } from 'node:crypto'
import { constraint } from './errors.ts'

/** (AWS: RequestCertificate) */
const domainNames = /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/
const longest = 253
/** Of the first one, which is the common name. (RFC 5280) */
const longestCommonName = 64

export const checkDomainName = (name: string, member: string, isFirst: boolean): void => {
  if (!domainNames.test(name))
    throw constraint(member, `satisfy regular expression pattern: ${domainNames.source}`)
  const most = isFirst ? longestCommonName : longest
  if (name.length > most) throw constraint(member, `have length less than or equal to ${most}`)
}

/** A wildcard is shown by the same record as the name below it. */
const withoutWildcard = (name: string): string => name.replace(/^\*\./, '')

const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 32)

/**
 * The record by which ACM sees that a domain is the caller's: the same for the same account and name. Berth's authority does not
 * look for it. (AWS: "AWS Certificate Manager DNS validation")
 */
export const validationRecordOf = (accountId: string, domainName: string) => {
  const name = withoutWildcard(domainName)
  return {
    Name: `_${digestOf(accountId, name, 'name')}.${name}.`,
    Type: 'CNAME',
    Value: `_${digestOf(accountId, name, 'value')}.acm-validations.aws.`,
  } as const
}

/** Whom ACM writes to. (AWS: "AWS Certificate Manager email validation") */
export const validationEmailsOf = (validationDomain: string): string[] =>
  ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map(
    mailbox => `${mailbox}@${withoutWildcard(validationDomain)}`,
  )

/** The same domain, or one above it. */
export const isAbove = (validationDomain: string, domainName: string): boolean => {
  const name = withoutWildcard(domainName)
  return name === validationDomain || name.endsWith(`.${validationDomain}`)
}
