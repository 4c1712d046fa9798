export * from './volumes.ts'
