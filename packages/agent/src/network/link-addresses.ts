/**
 * The addresses by which a host tells interfaces of all of its VPCs apart, of the block that the official agent takes for the
 * same. (AWS: "Amazon ECS task metadata available for tasks on EC2": each task has a link-local address of its own.) Pure.
 */
import { addressAt } from './addresses.ts'

export const linkBlock = '169.254.172.0/22'
const first = 1
const last = 1022

/** Undefined when all are taken. */
export const freeLinkAddress = (taken: ReadonlySet<string>): string | undefined => {
  for (let offset = first; offset <= last; offset++) {
    const address = addressAt(linkBlock, offset)
    if (!taken.has(address)) return address
  }
  return undefined
}
