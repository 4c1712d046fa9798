import { prefixListChanges } from './changes.ts'
import { prefixListReads } from './reads.ts'

export const prefixListFolder = [...prefixListChanges, ...prefixListReads]
