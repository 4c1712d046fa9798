/** What the agent remembers across its own restarts. */
import type { FactsByTopic, FactTopic } from '@berth/model'
import type { FactStore } from '../facts/index.ts'
import type { PulledImage, PulledImageStore } from '../images/index.ts'
import type { HeldInterface, HeldInterfaceStore } from '../network/index.ts'
import type { Reported } from '../tasks/task-report.ts'
import type { TaskState } from '../tasks/task-state.ts'

export interface SavedTask {
  readonly task: TaskState
  /** What the control plane has acknowledged: the difference to `task` is still to be told. */
  readonly acknowledged: Reported
}

export interface StateStore extends PulledImageStore, FactStore, HeldInterfaceStore {
  tasks(): readonly SavedTask[]
  /** Durable at once: set rarely. */
  setting(name: SettingName): string | undefined
  setSetting(name: SettingName, value: string): void
  /** The task changed; `read` is called when the group is written, and says undefined for a task to forget. */
  taskChanged(arn: string, read: () => SavedTask | undefined): void
  /** Resolves when every change so far is written. */
  flushed(): Promise<void>
  close(): void
}

type SettingName =
  | 'containerInstanceArn'
  | 'cluster'
  | 'incarnation'
  | 'seqNum'
  | 'endpointKey'
  | 'endpointPort'

/** For tests and the simulation: survives as long as the object, as a disk would. */
export const createMemoryStateStore = (): StateStore => {
  const saved = new Map<string, SavedTask>()
  const settings = new Map<string, string>()
  const pulled = new Map<string, PulledImage>()
  const facts = new Map<FactTopic, Map<string, FactsByTopic[FactTopic]>>()
  const interfaces = new Map<string, HeldInterface>()
  const keyOf = ({ image, imageId }: PulledImage) => `${image} ${imageId}`
  return {
    pulledImages: () => [...pulled.values()],
    savePulledImage: record => void pulled.set(keyOf(record), record),
    forgetPulledImage: record => void pulled.delete(keyOf(record)),
    facts: topic => [...(facts.get(topic)?.values() ?? [])],
    changeFacts: (topic, { changed, gone }) => {
      const table = new Map(facts.get(topic))
      for (const { key } of gone) table.delete(key)
      for (const fact of changed) table.set(fact.key, fact)
      facts.set(topic, table)
    },
    heldInterfaces: () => [...interfaces.values()],
    holdInterface: held => void interfaces.set(held.fact.interfaceId, held),
    releaseInterface: interfaceId => void interfaces.delete(interfaceId),
    tasks: () => [...saved.values()],
    setting: name => settings.get(name),
    setSetting: (name, value) => void settings.set(name, value),
    taskChanged: (arn, read) => {
      const task = read()
      if (task) saved.set(arn, task)
      else saved.delete(arn)
    },
    flushed: () => Promise.resolve(),
    close: () => {},
  }
}
