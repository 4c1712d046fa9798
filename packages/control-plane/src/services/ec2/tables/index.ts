export * from './snapshots.ts'
export * from './volumes.ts'
