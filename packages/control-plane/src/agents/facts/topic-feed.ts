import type { Change, View } from '../../store/view.ts'
import { Audience } from './audience.ts'
import { FactStream, type StreamEvents } from './fact-stream.ts'
import type { TopicSource } from './topic.ts'

/** One topic: its audiences, the hosts that are told, and what is to be looked at. */
export class TopicFeed {
  readonly #source: TopicSource
  readonly #streams = new Map<string, FactStream>()
  readonly #audiences = new Map<string, Audience>()
  readonly #touchedHosts = new Set<string>()
  readonly #touchedAudiences = new Set<Audience>()
  readonly #due = new Set<FactStream>()

  constructor(source: TopicSource) {
    this.#source = source
  }

  get hasWork(): boolean {
    return this.#touchedHosts.size > 0 || this.#touchedAudiences.size > 0 || this.#due.size > 0
  }

  open(containerInstanceArn: string, send: StreamEvents['send'], onDue: () => void): FactStream {
    this.#close(this.#streams.get(containerInstanceArn))
    const stream = new FactStream(this.#source.topic, containerInstanceArn, {
      send,
      onDue: stream => {
        if (this.#streams.get(containerInstanceArn) !== stream) return
        this.#due.add(stream)
        onDue()
      },
    })
    this.#streams.set(containerInstanceArn, stream)
    this.#touchedHosts.add(containerInstanceArn)
    return stream
  }

  /** Does nothing for a stream in whose place there is another one. */
  close(stream: FactStream): void {
    if (this.#streams.get(stream.containerInstanceArn) === stream) this.#close(stream)
  }

  #close(stream: FactStream | undefined): void {
    if (stream === undefined) return
    this.#streams.delete(stream.containerInstanceArn)
    this.#touchedHosts.delete(stream.containerInstanceArn)
    this.#due.delete(stream)
    for (const audience of stream.audiences) audience.streams.delete(stream)
    this.#forgetEmpty(stream.audiences)
  }

  /** What nobody is told is not looked at. */
  note(change: Change, view: View): void {
    if (this.#streams.size === 0) return
    for (const touch of this.#source.touched(change, view)) {
      if ('host' in touch) this.#touchHost(touch.host)
      else if ('hostsOf' in touch)
        for (const stream of this.#audiences.get(touch.hostsOf)?.streams ?? [])
          this.#touchHost(stream.containerInstanceArn)
      else this.#touchAudience(touch.audience, touch.key)
    }
  }

  #touchHost(containerInstanceArn: string): void {
    if (this.#streams.has(containerInstanceArn)) this.#touchedHosts.add(containerInstanceArn)
  }

  #touchAudience(name: string, key: string | undefined): void {
    const audience = this.#audiences.get(name)
    if (audience === undefined) return
    audience.touch(key)
    this.#touchedAudiences.add(audience)
  }

  /** Does some of its work; gives what it was, about in facts. */
  work(view: View, most: number): number {
    let done = 0
    for (const host of this.#touchedHosts) {
      if (done >= most) return done
      done += this.#listen(view, host)
    }
    for (const audience of this.#touchedAudiences) {
      while (audience.isDirty && done < most) done += audience.read(view) + 1
      if (audience.isDirty) return done
      this.#touchedAudiences.delete(audience)
    }
    for (const stream of this.#due) {
      if (done >= most) return done
      this.#due.delete(stream)
      if (stream.isDue) done += stream.sendNext() + costOfMessage
    }
    return done
  }

  #listen(view: View, host: string): number {
    this.#touchedHosts.delete(host)
    const names = [...this.#source.audiencesOf(view, host)]
    const left = this.#streams.get(host)?.listenTo(new Map(names.map(name => [name, this.#audience(name)])))
    this.#forgetEmpty(left ?? [])
    return costOfHost + names.length
  }

  #audience(name: string): Audience {
    const known = this.#audiences.get(name)
    if (known) return known
    const made = new Audience(this.#source, name)
    this.#audiences.set(name, made)
    this.#touchedAudiences.add(made)
    return made
  }

  #forgetEmpty(audiences: Iterable<Audience>): void {
    for (const audience of audiences)
      if (audience.streams.size === 0) {
        this.#audiences.delete(audience.name)
        this.#touchedAudiences.delete(audience)
      }
  }
}

/** Measured in facts. */
const costOfMessage = 20
const costOfHost = 100
