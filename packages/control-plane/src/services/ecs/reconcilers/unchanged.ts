export { unchanged } from '../../../control-loop/plan.ts'
