/** Files in PEM: blocks with a label, and text around them that says nothing. (RFC 7468) */

const block = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END ([A-Z0-9 ]+)-----/g

/** The DER of each block; undefined when there is none, or one that is no block of the label. */
export const pemBlocks = (text: string, label: string): Buffer[] | undefined => {
  const found: Buffer[] = []
  for (const [, begin, body = '', end] of text.matchAll(block)) {
    if (begin !== label || end !== label || /[^A-Za-z0-9+/=\s]/.test(body)) return undefined
    found.push(Buffer.from(body, 'base64'))
  }
  // A block that does not end is no text around blocks.
  const markers = text.match(/-----(?:BEGIN|END) /g)?.length ?? 0
  return found.length > 0 && markers === 2 * found.length ? found : undefined
}

export const pemOf = (der: Buffer, label: string): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`
