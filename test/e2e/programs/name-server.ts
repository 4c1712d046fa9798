/** Somebody else's name server, at the given address: it answers every question with 192.0.2.7, under the question as it was asked. */
import { createSocket } from 'node:dgram'

const socket = createSocket('udp4')
socket.on('message', (query, from) => {
  const answer = Buffer.from('c00c00010001000000090004c0000207', 'hex')
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(1, 6)
  header.writeUInt32BE(0, 8)
  let end = 12
  while ((query[end] ?? 0) > 0) end += 1 + (query[end] ?? 0)
  socket.send(Buffer.concat([header, query.subarray(12, end + 5), answer]), from.port, from.address)
})
socket.bind(53, process.argv[2], () => process.stdout.write('ready\n'))
