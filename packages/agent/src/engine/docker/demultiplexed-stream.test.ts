import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DemultiplexedStream } from './demultiplexed-stream.ts'

const frame = (type: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = type
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

test('both outputs are told apart, wherever the stream was cut', () => {
  const whole = Buffer.concat([frame(1, 'out'), frame(2, 'error'), frame(1, ''), frame(1, 'more')])
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length)), cuts => {
      const read: string[] = []
      const stream = new DemultiplexedStream(
        (output, bytes) => void read.push(`${output} ${bytes.toString()}`),
      )
      let from = 0
      for (const cut of [...cuts.sort((a, b) => a - b), whole.length]) {
        stream.read(whole.subarray(from, cut))
        from = cut
      }
      expect(read).toEqual(['output out', 'error error', 'output ', 'output more'])
    }),
  )
})
