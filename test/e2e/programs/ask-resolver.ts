/** Asks the resolver of the network namespace that it runs in; prints the answers as JSON. */
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'

const address = '169.254.170.53'
const resolver = new Resolver({ timeout: 3_000, tries: 2 })
resolver.setServers([address])

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

/** What comes back for bytes that are no query; null: nothing within 200 ms. */
const sendRaw = async (hex: string): Promise<string | null> => {
  const socket = createSocket('udp4')
  try {
    socket.send(Buffer.from(hex, 'hex'), 53, address)
    const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(200) })
    return (answer as Buffer).toString('hex')
  } catch {
    return null
  } finally {
    socket.close()
  }
}

/** What a web server says there. */
const httpAt = async (host: string): Promise<string> => (await fetch(`http://${host}/`)).text()

const ask = async (question: string): Promise<unknown> => {
  const [kind = '', what = ''] = question.split(' ')
  if (kind === 'raw') return sendRaw(what)
  try {
    if (kind === 'http') return await httpAt((await resolver.resolve4(what))[0] ?? '')
    if (kind === 'A') return await resolver.resolve4(what, { ttl: true })
    if (kind === 'count') return (await resolver.resolve4(what)).length
    return await resolver.resolve(what, kind)
  } catch (error) {
    return codeOf(error)
  }
}

const answers: unknown[] = []
for (const question of process.argv.slice(2)) answers.push(await ask(question))
process.stdout.write(JSON.stringify(answers))
