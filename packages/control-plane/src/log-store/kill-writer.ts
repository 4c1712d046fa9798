/** For the kill test: appends for ever to the directory that it is given, and says which batches are on disk. */
import { SegmentLogStore } from './segment-log-store.ts'

const [directory = '', first = '0'] = process.argv.slice(2)
const store = await SegmentLogStore.open({
  directory,
  capBytes: 1e9,
  segmentBytes: 30_000,
  report: problem => process.stderr.write(`${problem}\n`),
})

const write = async (lane: number): Promise<void> => {
  for (let offset = Number(first) + lane; ; offset += 4) {
    const events = [{ timestamp: offset, message: `${offset} ${'x'.repeat(200)}` }]
    const source = { source: `lane ${lane}`, from: offset, to: offset + 1 }
    await store.append({ groupId: 'group', streamId: `stream ${lane}`, ingestedAt: 1, events, source })
    process.stdout.write(`${offset}\n`)
  }
}
await Promise.all([0, 1, 2, 3].map(write))
