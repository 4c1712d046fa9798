/** Where facts are between two lives of the agent. */
import type { FactsByTopic, FactTopic } from '@berth/model'
import type { FactsChange } from './facts.ts'

export interface FactStore {
  facts(topic: FactTopic): readonly FactsByTopic[FactTopic][]
  /** All of it or nothing. Throws when the disk refuses it. */
  changeFacts(topic: FactTopic, change: FactsChange<FactTopic>): void
}
