export { createFirelens } from './firelens.ts'
