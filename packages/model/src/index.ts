export * from './agent-protocol.ts'
export * from './arn.ts'
export * from './query-language/index.ts'
export * from './statuses.ts'
