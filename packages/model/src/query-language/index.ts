export { evaluate, type SubjectLookup } from './evaluate.ts'
export { type Expression, QuerySyntaxError } from './expression.ts'
export { parseExpression } from './parse.ts'
