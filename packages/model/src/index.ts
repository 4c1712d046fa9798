export * from './agent-protocol.ts'
export * from './arn.ts'
export * from './statuses.ts'
