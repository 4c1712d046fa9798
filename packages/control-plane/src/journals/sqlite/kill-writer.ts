import { createStore } from '../../store/journaled-store.ts'
import { events, task, tasks, testTableModules } from '../../store/test-tables.ts'
import { createSqliteJournal } from './sqlite-journal.ts'

/** Tasks that every commit writes together: all of them, or none. */
const WIDTH = 3

/** The kill test's child: commits without end, and prints each commit's number once it is durable. */
const [directory = ''] = process.argv.slice(2)
const store = createStore({
  tables: [tasks],
  histories: [events],
  journal: createSqliteJournal({ directory, tableModules: testTableModules }),
})
await store.load()

const commit = (): void => {
  store.update(tx => {
    const cpu = tx.sequence + 1
    for (let n = 0; n < WIDTH; n++) tx.put(tasks, task(`shared${n}`, { cpu, tags: ['x'.repeat(300)] }))
    tx.put(tasks, task(`own${cpu}`, { cpu }))
    if (cpu > 200) tx.delete(tasks, `own${cpu - 200}`)
    tx.append(events, { service: 's', message: String(cpu) })
  })
  const { sequence } = store
  void store.durable(sequence).then(() => process.stdout.write(`${sequence}\n`))
}

for (;;) {
  for (let n = 0; n < 20; n++) commit()
  await new Promise(resolve => setImmediate(resolve))
  if (store.pendingBytes > 1_000_000) await store.durable()
}
