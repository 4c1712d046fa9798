export interface ShippedEvent {
  timestamp: number
  message: string
}

/** One line of Docker's json-file: a line of the container, or a part of one that is longer than 16 KiB. */
interface Entry {
  readonly log: string
  readonly stream: string
  readonly time: string
}

/** Text that is not complete yet, and when its first part was written. */
interface Pending {
  text: string
  bytes: number
  readonly timestamp: number
}

export interface Assembled {
  readonly events: readonly ShippedEvent[]
  /** Everything before this offset is in the events. */
  readonly end: number
  /** Entries that are no JSON. */
  readonly malformed: number
}

/** As Docker's awslogs driver cuts: CloudWatch Logs took 256 KiB an event, 26 bytes of them for itself. */
const eventBytesLimit = 256 * 1024 - 26
const spanMs = 24 * 60 * 60 * 1000
/** Clocks of stdout's and stderr's readers interleave: up to this much an event is moved to its predecessor's time. */
const skewMs = 1000

/**
 * Makes events of entries: joins the parts of long lines, for each of stdout and stderr, and the lines of one event
 * when there is a start pattern. Knows `end`, the newest offset that no event lies across: reading may begin there
 * again, with the same result.
 */
export class EventAssembler {
  readonly #startPattern: RegExp | undefined
  readonly #events: ShippedEvent[] = []
  readonly #parts = new Map<string, Pending>()
  #group: Pending | undefined
  #latest: number
  #first: number | undefined
  #complete = 0
  #end: number
  #offset: number
  #malformed = 0
  #isFull = false

  /** `latest` is the time of the newest event before, which is never gone below by a little. */
  constructor(start: number, latest: number, startPattern?: RegExp) {
    this.#end = start
    this.#offset = start
    this.#latest = latest
    this.#startPattern = startPattern
  }

  /** Takes whole entries, one to a line. Stops early where a batch must end. */
  push(lines: Buffer): void {
    let at = 0
    while (at < lines.length && !this.#isFull) {
      const newline = lines.indexOf(10, at)
      const entry = parseEntry(lines.toString('utf8', at, newline))
      const begin = this.#offset
      this.#offset += newline + 1 - at
      at = newline + 1
      if (entry) this.#add(entry, begin)
      else this.#malformed++
      if (this.#parts.size === 0 && !this.#group && !this.#isFull) this.#cut(this.#offset)
    }
  }

  /** What is complete; with `force` also what is not. */
  take(force: boolean): Assembled {
    if (force && !this.#isFull) {
      for (const [stream, part] of this.#parts) {
        this.#parts.delete(stream)
        this.#line(part, this.#offset, false)
      }
      this.#flushGroup()
      if (!this.#isFull) this.#cut(this.#offset)
    }
    return { events: this.#events.slice(0, this.#complete), end: this.#end, malformed: this.#malformed }
  }

  #add({ log, stream, time }: Entry, begin: number): void {
    const timestamp = Date.parse(time)
    const bytes = Buffer.byteLength(log)
    let part = this.#parts.get(stream)
    if (part && part.bytes + bytes > eventBytesLimit) {
      this.#parts.delete(stream)
      this.#line(part, begin, false)
      part = undefined
    }
    const isWhole = part === undefined
    const joined: Pending = part ?? { text: '', bytes: 0, timestamp }
    joined.text += log
    joined.bytes += bytes
    if (!log.endsWith('\n')) {
      this.#parts.set(stream, joined)
      return
    }
    this.#parts.delete(stream)
    joined.text = joined.text.slice(0, -1)
    this.#line(joined, begin, isWhole)
  }

  /** A line that is one entry can begin a batch: nothing of it lies before `begin`. */
  #line(line: Pending, begin: number, isWhole: boolean): void {
    if (!this.#startPattern) {
      this.#emit(line)
      return
    }
    const starts = this.#startPattern.test(line.text)
    if (this.#group && (starts || this.#group.bytes + line.bytes > eventBytesLimit)) {
      this.#flushGroup()
      if (isWhole && this.#parts.size === 0 && !this.#isFull) this.#cut(begin)
    }
    if (!this.#group) this.#group = { ...line }
    else {
      this.#group.text += `\n${line.text}`
      this.#group.bytes += line.bytes
    }
  }

  #flushGroup(): void {
    if (this.#group) this.#emit(this.#group)
    this.#group = undefined
  }

  #emit({ text, timestamp: written }: Pending): void {
    // As Docker's driver: CloudWatch Logs takes no empty events.
    if (text === '' || this.#isFull) return
    const timestamp = Number.isFinite(written) ? written : this.#latest
    const isBackwards = timestamp < this.#latest - skewMs && this.#latest > 0
    const isLate = this.#first !== undefined && timestamp > this.#first + spanMs
    if ((isBackwards || isLate) && this.#complete > 0) {
      this.#isFull = true
      return
    }
    // A first event may lie before what was shipped: the host's clock was set back.
    const at = isBackwards && this.#events.length === 0 ? timestamp : Math.max(timestamp, this.#latest)
    this.#latest = isLate && this.#first !== undefined ? this.#first + spanMs : at
    this.#first ??= this.#latest
    this.#events.push({ timestamp: this.#latest, message: text })
  }

  #cut(offset: number): void {
    this.#complete = this.#events.length
    this.#end = offset
  }
}

/** A crash of the engine leaves a torn entry, and the next one behind it on the same line. */
const parseEntry = (line: string): Entry | undefined =>
  parse(line) ?? parse(line.slice(Math.max(0, line.lastIndexOf('{"log":"'))))

const parse = (text: string): Entry | undefined => {
  try {
    const entry = JSON.parse(text) as Partial<Entry> | null
    const { log, stream = '', time = '' } = entry ?? {}
    return typeof log === 'string' ? { log, stream, time } : undefined
  } catch {
    return undefined
  }
}
