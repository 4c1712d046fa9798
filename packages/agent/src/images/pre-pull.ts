/** Pulls images ahead of the tasks that will need them, one after the other. */
import type { Log } from '../log.ts'
import { createGate } from '../tasks/gate.ts'
import type { Images } from './images.ts'

/** Tasks that wait for their images come first. */
const prePullsAtOnce = 1

export type PrePull = (images: readonly string[]) => void

/** Best effort: a failure is told by the task that needs the image, if any does. */
export const createPrePull = (images: Images, log: Log): PrePull => {
  const gate = createGate(prePullsAtOnce)
  const wanted = new Set<string>()
  const pull = async (image: string): Promise<void> => {
    try {
      await images.prepare({ image })
    } catch (error) {
      log.info({ image, error: String(error) }, 'cannot pull an image ahead')
    }
  }
  return references => {
    for (const image of references) {
      if (wanted.has(image)) continue
      wanted.add(image)
      void gate.run(() => pull(image)).finally(() => wanted.delete(image))
    }
  }
}
