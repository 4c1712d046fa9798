/** 16 random bytes, given as lower-case hex, in the form of a UUID, which ECS gives containers and service events. */
export const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
