import { ingressTopic } from '../ingress/ingress-topic.ts'
import type { OpenSecret } from '../ingress/rule-facts.ts'
import { namesTopic } from '../names-topic.ts'
import { networkTopic } from './network/network-topic.ts'
import type { TopicSource } from './topic.ts'

export interface FactTopicsOptions {
  /** Reads what a listener's rule keeps encrypted. */
  readonly openSecret: OpenSecret
}

/** Each is told to every session of an agent of Berth's own. */
export const createFactTopics = ({ openSecret }: FactTopicsOptions): readonly TopicSource[] => [
  ingressTopic(openSecret),
  namesTopic,
  networkTopic,
]
