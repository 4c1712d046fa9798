import { namesTopic } from '../names-topic.ts'
import type { TopicSource } from './topic.ts'

/** Each is told to every session of an agent of Berth's own. */
export const factTopics: readonly TopicSource[] = [namesTopic]
