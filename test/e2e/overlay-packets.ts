/** Packets of an overlay as somebody would make them up who is no host of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { overlayMac } from '../../packages/agent/src/network/routes.ts'
import { overlayPort } from '../../packages/agent/src/network/underlay.ts'
import { inNamespace } from './vpc-hosts.ts'

export interface ForgedPacket {
  /** The number of the VPC. */
  readonly number: number
  /** The underlay address of the host that it is for. */
  readonly host: string
  /** The addresses within the VPC. */
  readonly from: string
  readonly to: string
  readonly port: number
  readonly text: string
}

const bytesOf = (address: string): number[] => address.split('.').map(Number)

const headerSum = (header: Buffer): number => {
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

/** RFC 7348: VXLAN's header and an Ethernet frame. */
const payloadOf = ({ number, host, from, to, port, text }: ForgedPacket): Buffer => {
  const udp = Buffer.alloc(8)
  udp.writeUInt16BE(4_000, 0)
  udp.writeUInt16BE(port, 2)
  udp.writeUInt16BE(udp.length + text.length, 4)
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, ...bytesOf(from), ...bytesOf(to)])
  ip.writeUInt16BE(ip.length + udp.length + text.length, 2)
  ip.writeUInt16BE(headerSum(ip), 10)
  const vxlan = Buffer.alloc(8)
  vxlan[0] = 8
  vxlan.writeUIntBE(number, 4, 3)
  const mac = overlayMac(host)
    .split(':')
    .map(byte => Number.parseInt(byte, 16))
  const ethernet = Buffer.from([...mac, 2, 0, 0, 0, 0, 9, 8, 0])
  return Buffer.concat([vxlan, ethernet, ip, udp, Buffer.from(text)])
}

/** As many as there are of them, one after the other, from a process in the namespace. */
export const sendDatagrams = (
  namespace: string,
  datagrams: readonly { readonly to: string; readonly port: number; readonly bytes: Buffer | string }[],
): void => {
  for (const { to, port, bytes } of datagrams) {
    const hex = Buffer.from(bytes).toString('hex')
    const script = `const s=require('dgram').createSocket('udp4');s.send(Buffer.from('${hex}','hex'),${port},'${to}',()=>s.close())`
    inNamespace(namespace, process.execPath, '-e', script)
  }
}

export const forgedDatagram = (packet: ForgedPacket) => ({
  to: packet.host,
  port: overlayPort,
  bytes: payloadOf(packet),
})

/** What comes as UDP in a namespace. */
export class Datagrams {
  readonly #child: ChildProcess
  readonly heard: string[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.on('data', chunk => this.heard.push(...String(chunk).split('\n').filter(Boolean)))
  }

  static async listen(namespace: string, port: number): Promise<Datagrams> {
    const script = `const s=require('dgram').createSocket('udp4');s.on('message',m=>console.log(String(m)));s.bind(${port},()=>console.log('up'))`
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const datagrams = new Datagrams(child)
    if (child.stdout) await once(child.stdout, 'data')
    datagrams.heard.length = 0
    return datagrams
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}
