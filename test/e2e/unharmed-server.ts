import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateClusterCommand, DescribeContainerInstancesCommand } from '@aws-sdk/client-ecs'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { freePort } from './berth.ts'
import { ServerProcess, type ServerSettings } from './server-process.ts'
import { registerHost } from './simulated-agent.ts'

export interface UnharmedServer {
  readonly settings: ServerSettings
  readonly server: ServerProcess
  /** The ARN of a container instance that is registered. */
  readonly host: string
}

/** A server for the tests of a file; after each it must still run, know its host, and have logged no fault. */
export const useUnharmedServer = (): UnharmedServer => {
  const used = {} as { -readonly [Member in keyof UnharmedServer]: UnharmedServer[Member] }
  beforeAll(async () => {
    used.settings = { port: await freePort(), dataDir: mkdtempSync(join(tmpdir(), 'berth-bad-')) }
    used.server = await ServerProcess.start(used.settings)
    await used.server.ecs().send(new CreateClusterCommand({}))
    used.host = await registerHost(used.server.ecs())
  })
  afterEach(async () => {
    expect(used.server.isRunning).toBe(true)
    const { containerInstances } = await used.server
      .ecs()
      .send(new DescribeContainerInstancesCommand({ containerInstances: [used.host] }))
    expect(containerInstances?.[0]?.status).toBe('ACTIVE')
    expect(used.server.stdout).not.toContain('A fault of Berth itself')
    expect(used.server.stderr).toBe('')
  })
  afterAll(async () => {
    await used.server?.end()
    rmSync(used.settings.dataDir, { recursive: true, force: true })
  })
  return used
}
