/** What a certificate's key may be used for: the extension that Node does not read. (RFC 5280, 4.2.1.3) */

/** In the order of their bits. (AWS: KeyUsage) */
const names = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
] as const

/** The extension's identifier, 2.5.29.15, as it is encoded. */
const identifier = Buffer.from('0603551d0f', 'hex')
const critical = Buffer.from('0101ff', 'hex')
const tags = { octets: 0x04, bits: 0x03 }

/** None where the certificate does not say it: everything. */
export const keyUsagesOf = (der: Buffer): readonly string[] => {
  const found = der.indexOf(identifier)
  if (found < 0) return []
  let at = found + identifier.length
  if (der.subarray(at, at + critical.length).equals(critical)) at += critical.length
  if (der[at] !== tags.octets || der[at + 2] !== tags.bits) return []
  const bits = der.subarray(at + 5, at + 4 + (der[at + 3] ?? 0))
  return names.filter((_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0)
}

/** (AWS: ExtendedKeyUsage) */
export const extendedKeyUsageNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
}
