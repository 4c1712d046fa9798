export type { FactStore } from './fact-store.ts'
export { createFacts, type Facts, type FactsChange } from './facts.ts'
