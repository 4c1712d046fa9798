/** Adds up what Docker says of the layers of one pull. */
import type { PullProgress } from '../engine.ts'
import { asNumber, asObject, asText, type Json } from './json.ts'

export interface Layers {
  /** True when the message changed the sums. */
  note(message: Json): boolean
  progress(): PullProgress
}

export const createLayers = (): Layers => {
  const layers = new Map<string, { downloaded: number; total: number }>()
  return {
    note: message => {
      const id = asText(message['id'])
      const status = asText(message['status'])
      const detail = asObject(message['progressDetail'])
      const known = layers.get(id)
      if (status === 'Downloading') {
        layers.set(id, { downloaded: asNumber(detail['current']), total: asNumber(detail['total']) })
        return true
      }
      // Small layers, and those that Docker fetches twice, skip their last step.
      if (known === undefined || !/^(Download complete|Verifying Checksum)$/.test(status)) return false
      layers.set(id, { downloaded: known.total, total: known.total })
      return true
    },
    progress: () => {
      const sum = { downloadedBytes: 0, totalBytes: 0 }
      for (const { downloaded, total } of layers.values()) {
        sum.downloadedBytes += downloaded
        sum.totalBytes += total
      }
      return sum
    },
  }
}
