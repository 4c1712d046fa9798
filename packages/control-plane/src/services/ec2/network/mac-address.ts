/** Locally administered, as no vendor's is. */
export const macAddressOf = (randomHex: (bytes: number) => string): string =>
  ['02', ...(randomHex(5).match(/../g) ?? [])].join(':')
