/** Runs in a network namespace of its own: what two agents of one host do to its network, as JSON. */
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { createManualClock } from '../../../packages/agent/src/clock.ts'
import { silentLog } from '../../../packages/agent/src/log.ts'
import { runCommand } from '../../../packages/agent/src/metadata/command.ts'
import { openListener } from '../../../packages/agent/src/metadata/endpoint-listener.ts'

const clock = createManualClock()
const listener = (name: string) =>
  openListener({
    server: createServer((_request, response) => response.end(name)),
    run: runCommand,
    clock,
    log: silentLog,
    knownPort: undefined,
  })

const ask = (url: string): Promise<string> =>
  fetch(url, { headers: { connection: 'close' } }).then(
    answer => answer.text(),
    () => 'nobody',
  )

const network = () => ({
  tables: execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).trim(),
  hasAddress: networkInterfaces()['lo']?.some(({ address }) => address === '169.254.170.2') ?? false,
})

const standard = 'http://169.254.170.2'
const first = await listener('first')
const second = await listener('second')
const steps: Record<string, unknown> = {
  origins: [first.origin, second.origin],
  answers: [await ask(standard), await ask(second.origin)],
}
execFileSync('nft', ['flush', 'ruleset'])
execFileSync('ip', ['address', 'flush', 'dev', 'lo', 'to', '169.254.170.2'])
steps['afterReload'] = await ask(standard)
await clock.advance(10_000)
// The repair asks programs of the host, for which the clock does not wait.
for (let tries = 0; tries < 100 && steps['repaired'] !== 'first'; tries++) {
  await new Promise(resolve => setTimeout(resolve, 20))
  steps['repaired'] = await ask(standard)
}
await first.stop()
steps['oneStopped'] = { ...network(), answers: [await ask(standard), await ask(second.origin)] }
await second.stop()
steps['bothStopped'] = network()
process.stdout.write(JSON.stringify(steps))
