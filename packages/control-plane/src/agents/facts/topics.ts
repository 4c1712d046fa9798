import { type IngressSecrets, ingressTopic } from '../ingress/ingress-topic.ts'
import { namesTopic } from '../names-topic.ts'
import { networkTopic } from './network/network-topic.ts'
import type { TopicSource } from './topic.ts'

/** Each is told to every session of an agent of Berth's own. */
export const createFactTopics = (secrets: IngressSecrets): readonly TopicSource[] => [
  ingressTopic(secrets),
  namesTopic,
  networkTopic,
]
