import type { Kind, Operator } from './expression.ts'

const equality: readonly Operator[] = ['==', '!=']
const membership: readonly Operator[] = ['in', '!in', '=~', '!~']
const order: readonly Operator[] = ['>', '>=', '<', '<=']
const existence: readonly Operator[] = ['exists', '!exists']

interface SubjectRule {
  readonly kind: Kind
  readonly operators: readonly Operator[]
}

/** AWS: "Create expressions to define container instances", Subject. */
const rules: Readonly<Record<string, SubjectRule>> = {
  agentConnected: { kind: 'boolean', operators: [...equality, ...membership] },
  agentVersion: { kind: 'version', operators: [...equality, ...order] },
  ec2InstanceId: { kind: 'text', operators: [...equality, ...membership] },
  registeredAt: { kind: 'date', operators: [...equality, ...order] },
  runningTasksCount: { kind: 'number', operators: [...equality, ...order] },
  'task:group': { kind: 'text', operators: [...equality, ...membership, ...existence] },
}

const attribute: SubjectRule = {
  kind: 'text',
  operators: [...equality, ...order, ...membership, ...existence],
}

/** Undefined when there is no such subject. */
export const subjectRule = (subject: string): SubjectRule | undefined =>
  /^attribute:.+/.test(subject) ? attribute : Object.hasOwn(rules, subject) ? rules[subject] : undefined
