import { expect, it } from 'vitest'
import { readConfiguration } from './configuration.ts'
import { effects } from './control-loop/effects-table.ts'
import { createEncryption } from './encryption/encryption.ts'
import { MemoryLogStore } from './log-store/memory-log-store.ts'
import { matchesPattern } from './pattern-match.ts'
import { createServices } from './services/index.ts'
import { tableModules } from './table-modules.ts'

it('names the module of every live table, without which a server does not start', async () => {
  const services = createServices({
    configuration: readConfiguration({}),
    startedAt: () => 0,
    logStore: new MemoryLogStore(),
    acceptsLogs: () => true,
    encryption: createEncryption(Buffer.alloc(32)),
    matchesPattern,
  })
  const modules = (await Promise.all(tableModules.map(({ href }) => import(href)))) as object[]
  const exported = new Set<unknown>(modules.flatMap(module => Object.values(module) as unknown[]))
  const tables = [effects, ...services.flatMap(service => service.tables)]
  expect(tables.filter(table => !exported.has(table)).map(({ name }) => name)).toEqual([])
})
