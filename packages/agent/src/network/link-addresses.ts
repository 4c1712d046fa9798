/**
 * The addresses by which a host tells interfaces of all of its VPCs apart, of the block that the official agent takes for the
 * same. (AWS: "Amazon ECS task metadata available for tasks on EC2": each task has a link-local address of its own.) Pure.
 */
import { addressAt } from './addresses.ts'

export const linkBlock = '169.254.172.0/22'
const count = 1022
const pool = Array.from({ length: count }, (_, index) => addressAt(linkBlock, index + 1))

/** Undefined when all are taken. The agents of a host begin at different ones: they hear of each other's a little later. */
export const freeLinkAddress = (taken: ReadonlySet<string>, tag: string): string | undefined => {
  const first = Number.parseInt(tag, 16) % count
  return [...pool.slice(first), ...pool.slice(0, first)].find(address => !taken.has(address))
}
