import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ExecuteCommandCommand, type Session } from '@aws-sdk/client-ecs'
import { payloadType } from '@berth/aws-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { DataChannelClient } from './data-channel-client.ts'
import { Tasks, untilStopped } from './tasks.ts'

const repository = join(import.meta.dirname, '../..')

describe('ECS Exec', () => {
  let berth: Berth
  let tasks: Tasks
  let task: string
  let runtimeId: string

  const run = async (enableExecuteCommand = true): Promise<string> => {
    const definition = await tasks.define([{ script: untilStopped }])
    const arn = await tasks.run(definition, { enableExecuteCommand })
    await tasks.when(arn, 'RUNNING', ({ lastStatus }) => lastStatus === 'RUNNING')
    return arn
  }
  const execute = async (command: string, target = task): Promise<Session> => {
    const { session } = await berth.ecs.send(
      new ExecuteCommandCommand({ task: target, command, interactive: true }),
    )
    return session ?? {}
  }
  const id = (): string => task.split('/').at(-1) ?? ''
  const berthExec = (args: readonly string[]) =>
    spawn(join(repository, 'berth'), ['exec', id(), ...args], { env: berth.environment, stdio: 'pipe' })
  const textOf = (stream: NodeJS.ReadableStream): { text: string } => {
    const heard = { text: '' }
    stream.on('data', chunk => {
      heard.text += chunk
    })
    return heard
  }

  beforeAll(async () => {
    berth = await Berth.start()
    tasks = new Tasks(berth)
    task = await run()
    runtimeId = (await tasks.describe(task)).containers?.[0]?.runtimeId ?? ''
  })
  afterAll(() => berth.stop())

  it('shows the managed agent of a container while it runs', async () => {
    const { containers, enableExecuteCommand } = await tasks.describe(task)
    expect(enableExecuteCommand).toBe(true)
    expect(containers?.[0]?.managedAgents).toEqual([
      { name: 'ExecuteCommandAgent', lastStatus: 'RUNNING', lastStartedAt: expect.any(Date) },
    ])
  })

  it('pipes both outputs and the exit code of a command', async () => {
    const child = berthExec(['--', 'sh', '-c', 'echo out; echo "an error" >&2; exit 7'])
    const [out, error] = [textOf(child.stdout), textOf(child.stderr)]
    const [code] = await once(child, 'close')
    expect({ code, out: out.text, error: error.text }).toEqual({ code: 7, out: 'out\n', error: 'an error\n' })
  })

  it('pipes input to its end, and five megabytes of output without a byte lost', async () => {
    const child = berthExec(['--', 'sh', '-c', 'cat; yes 0123456789abcdef | head -c 5242880'])
    const out = textOf(child.stdout)
    child.stdin.end('from outside\n')
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
    expect(out.text.startsWith('from outside\n0123456789abcdef\n')).toBe(true)
    expect(out.text.length).toBe(5_242_880 + 'from outside\n'.length)
  })

  it('gives a terminal its size, its new size, and Ctrl-C', async () => {
    const inner = `stty cols 101 rows 31; tty >&2; exec ${join(repository, 'berth')} exec ${id()}`
    const child = spawn('script', ['-qec', inner, '/dev/null'], { env: berth.environment, stdio: 'pipe' })
    const out = textOf(child.stdout)
    const says = (text: string) =>
      eventually(`the terminal says ${text}`, async () => out.text.includes(text))
    try {
      await says('# ')
      child.stdin.write('stty size\r')
      await says('31 101')
      const terminal = /\/dev\/pts\/\d+/.exec(out.text)?.[0] ?? ''
      await once(spawn('stty', ['-F', terminal, 'cols', '77', 'rows', '22']), 'exit')
      child.stdin.write(
        'until [ "$(stty size)" = "22 77" ]; do :; done; echo "now  $(stty size)" | tr -s " "\r',
      )
      await says('now 22 77')
      child.stdin.write('sleep 1000\r')
      await eventually('the command sleeps', async () =>
        (await docker('top', runtimeId)).includes('sleep 1000'),
      )
      child.stdin.write('\u0003')
      child.stdin.write('echo "after  $?" | tr -s " "\r')
      await says('after 130')
      child.stdin.write('exit 3\r')
      const [code] = await once(child, 'exit')
      expect(code).toBe(3)
    } finally {
      child.kill()
    }
  })

  it('speaks the session-manager protocol to a client that drops what it is not ready for', async () => {
    const client = await DataChannelClient.open(await execute('/bin/sh'), undefined, 2)
    client.resize(90, 20)
    await client.says('# ')
    client.type('echo $((40 + 2)); stty size\r')
    await client.says('42')
    await client.says('20 90')
    client.type('exit\r')
    await eventually('the channel is closed', async () => client.closedBecause !== undefined)
    expect(client.closedBecause).toBe('')
    expect(client.payloads.map(({ type }) => type)).not.toContain(payloadType.exitCode)
  })

  it('opens one data channel a token, and none for a wrong one', async () => {
    const session = await execute('sleep 1000')
    const wrong = await DataChannelClient.open(session, 'a guess')
    expect((await once(wrong.socket, 'close'))[0]).toBe(1008)
    const right = await DataChannelClient.open(session)
    await eventually('the command runs', async () => (await docker('top', runtimeId)).includes('sleep 1000'))
    const second = await DataChannelClient.open(session)
    expect((await once(second.socket, 'close'))[0]).toBe(1008)
    right.socket.terminate()
    await eventually(
      'the command ended with its client',
      async () => !(await docker('top', runtimeId)).includes('sleep 1000'),
    )
  })

  it('says what is wrong with a command that is not there', async () => {
    const child = berthExec(['--', 'no-such-program'])
    const out = textOf(child.stdout)
    const [code] = await once(child, 'close')
    expect(code).toBeGreaterThan(0)
    expect(out.text).toContain('no-such-program')
  })

  it('is off unless it was enabled for the task', async () => {
    await expect(execute('ls', await run(false))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('execute command was not enabled'),
    })
  })

  it('ends with the agent, and finds no target until it is back', async () => {
    const client = await DataChannelClient.open(await execute('/bin/sh'))
    await client.says('# ')
    await berth.killAgent()
    await eventually('the session has ended', async () => client.closedBecause !== undefined)
    expect(client.closedBecause).toBe('The container agent has gone.')
    await eventually('the agent counts as gone', async () => !(await berth.instance())?.agentConnected)
    await expect(execute('ls')).rejects.toMatchObject({ name: 'TargetNotConnectedException' })
    await berth.startAgent()
    const again = await DataChannelClient.open(await execute('echo back'))
    await again.says('back')
  })

  it('lists who executed what, and ends the session that is terminated', async () => {
    const session = await execute('sleep 2000')
    const client = await DataChannelClient.open(session)
    await eventually('the command runs', async () => (await docker('top', runtimeId)).includes('sleep 2000'))
    const { Sessions } = await berth.awsJson<{ Sessions: object[] }>(
      ...['ssm', 'describe-sessions', '--state', 'Active'],
      ...['--filters', `key=SessionId,value=${session.sessionId}`],
    )
    expect(Sessions).toMatchObject([
      {
        SessionId: session.sessionId,
        Target: `ecs:default_${id()}_${runtimeId}`,
        Status: 'Connected',
        Owner: expect.stringMatching(/^arn:aws:iam::\d+:root$/),
      },
    ])
    await berth.aws('ssm', 'terminate-session', '--session-id', session.sessionId ?? '')
    await eventually('the channel is closed', async () => client.closedBecause !== undefined)
    await eventually(
      'the command has ended',
      async () => !(await docker('top', runtimeId)).includes('sleep 2000'),
    )
    const history = await berth.aws('ssm', 'describe-sessions', '--state', 'History', '--output', 'json')
    expect(history).toContain('sleep 2000')
    expect(history).toContain('terminated by arn:aws:iam::')
    expect(history).toContain('\\"exitCode\\":7')
  })

  it('keeps in the log who executed what', () => {
    expect(berth.log('server')).toMatch(/"command":"\/bin\/sh".*"owner":"arn:aws:iam::\d+:root"/)
  })
})
