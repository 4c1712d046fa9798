/** From the bytes of a query to the bytes of its answer. */
import packet, { type Answer } from 'dns-packet'
import { decide } from './answer.ts'
import { type Forwarder, NoAnswer } from './forwarder.ts'
import { datagramLimit, type Query, type Reply, readQuery, refusalBytes, replyBytes } from './message.ts'
import type { Asker, NameTable } from './name-table.ts'
import type { Transport } from './upstream.ts'
import { decideInVpc } from './vpc-names.ts'

/** Undefined: nothing is sent back. What this host knows itself is answered at once. */
export type Resolve = (
  bytes: Buffer,
  transport: Transport,
  asker: Asker,
) => Buffer | undefined | Promise<Buffer | undefined>

export interface ResolverParts {
  readonly names: NameTable
  readonly forwarder: Pick<Forwarder, 'ask'>
  /** Of the names that addresses of VPCs have. */
  readonly privateDomain: string
}

const largestMessage = 65_535

const failed: Reply = { rcode: 'SERVFAIL', isAuthoritative: false, answers: [], authorities: [] }
const badVersion: Reply = { ...failed, rcode: 'BADVERS' }

export const createResolver = ({ names, forwarder, privateDomain }: ResolverParts): Resolve => {
  /** The records of somebody else's name that one of ours stands for. */
  const follow = async (
    query: Query,
    target: string,
    aliases: readonly Answer[],
    transport: Transport,
  ): Promise<Reply> => {
    const asked = readQuery(followUp(query, target))
    if (asked?.kind !== 'query') return failed
    const answer = await forwarder.ask(asked, transport)
    const rcode = (['NOERROR', 'NXDOMAIN'] as const).find((_, index) => (answer[3] ?? 0) % 16 === index * 3)
    if (!rcode) return failed
    const { answers = [], authorities = [] } = packet.decode(answer)
    return { rcode, isAuthoritative: false, answers: [...aliases, ...answers], authorities }
  }

  return (bytes, transport, asker) => {
    const query = readQuery(bytes)
    if (!query) return undefined
    if (query.kind === 'refusal') return refusalBytes(query)
    const write = (reply: Reply): Buffer =>
      replyBytes(query, reply, transport === 'udp' ? datagramLimit(query) : largestMessage)
    const orFailed = (answer: Promise<Buffer>): Promise<Buffer> =>
      answer.catch(error => {
        if (error instanceof NoAnswer) return write(failed)
        throw error
      })
    if ((query.edns?.version ?? 0) > 0) return write(badVersion)
    const decision =
      (asker.kind === 'vpc' && decideInVpc(query, asker, privateDomain)) || decide(names, query, asker)
    switch (decision.kind) {
      case 'reply':
        return write(decision.reply)
      case 'forward':
        return orFailed(forwarder.ask(query, transport))
      case 'follow':
        return orFailed(follow(query, decision.target, decision.answers, transport).then(write))
    }
  }
}

/** The same question of another name. */
const followUp = ({ type, bytes }: Query, target: string): Buffer =>
  packet.encode({
    type: 'query',
    flags: bytes.readUInt16BE(2) & packet.RECURSION_DESIRED,
    questions: [{ type: type as Answer['type'], name: target }],
  })
