import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../errors.ts'
import { parseQuery } from '../query.ts'

/** What RunTask, CreateService and UpdateService are given. Throws InvalidParameterException. */
export const checkPlacement = (
  constraints: readonly PlacementConstraint[],
  strategy: readonly PlacementStrategy[],
  constraintsOfDefinition = 0,
): void => {
  if (constraints.length + constraintsOfDefinition > 10)
    throw invalidParameter('Maximum number of constraints is 10.')
  if (strategy.length > 5) throw invalidParameter('Maximum number of strategies is 5.')
  for (const constraint of constraints) checkConstraint(constraint)
  if (constraints.filter(({ type }) => type === 'distinctInstance').length > 1)
    throw invalidParameter('Placement constraint distinctInstance can be specified only once.')
  for (const item of strategy) checkStrategy(item)
}

const checkConstraint = ({ type, expression }: PlacementConstraint): void => {
  switch (type) {
    case 'distinctInstance':
      if (expression !== undefined)
        throw invalidParameter('distinctInstance expression should not be specified.')
      return
    case 'memberOf':
      if (!expression) throw invalidParameter('memberOf expression should be specified.')
      if (expression.length > 2000)
        throw invalidParameter('A placement constraint expression can have at most 2000 characters.')
      parseQuery(expression)
      return
    case undefined:
      throw invalidParameter('Placement constraint type must be specified.')
  }
}

const checkStrategy = ({ type, field }: PlacementStrategy): void => {
  switch (type) {
    case 'random':
      if (field !== undefined) throw invalidParameter('random field should not be specified.')
      return
    case 'binpack':
      if (!/^(cpu|memory)$/i.test(field ?? '')) throw invalidField('binpack', field)
      return
    case 'spread':
      if (!/^(instanceId|host|attribute:.+)$/.test(field ?? '')) throw invalidField('spread', field)
      return
    case undefined:
      throw invalidParameter('Placement strategy type must be specified.')
  }
}

const invalidField = (type: string, field: string | undefined): Error =>
  invalidParameter(
    field === undefined ? `${type} field should be specified.` : `${type} field '${field}' is invalid.`,
  )
