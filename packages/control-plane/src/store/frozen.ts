import assert from 'node:assert'

/**
 * Freezes a row deeply, and asserts that it is JSON: what a restart reads back must equal what was put.
 * A property that is undefined counts as absent.
 */
export const freezeRow = (value: unknown, path: string): void => {
  if (typeof value === 'number') assert(Number.isFinite(value), `${path} is ${value}, which JSON cannot hold`)
  if (typeof value !== 'object' || value === null) {
    const holds = typeof value !== 'function' && typeof value !== 'bigint' && typeof value !== 'symbol'
    assert(holds, `${path} is a ${typeof value}, which JSON cannot hold`)
    return
  }
  if (Object.isFrozen(value)) return
  const prototype: unknown = Object.getPrototypeOf(value)
  const plain = Array.isArray(value) || prototype === Object.prototype || prototype === null
  assert(plain, `${path} is neither a plain object nor an array, which JSON cannot hold`)
  for (const [name, member] of Object.entries(value)) {
    assert(
      member !== undefined || !Array.isArray(value),
      `${path}.${name} is undefined, which JSON cannot hold`,
    )
    freezeRow(member, `${path}.${name}`)
  }
  Object.freeze(value)
}
