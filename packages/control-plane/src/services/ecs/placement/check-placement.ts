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
    throw invalidParameter('The maximum number of placement constraints is 10.')
  if (strategy.length > 5) throw invalidParameter('The maximum number of placement strategies is 5.')
  for (const constraint of constraints) checkConstraint(constraint)
  if (constraints.filter(({ type }) => type === 'distinctInstance').length > 1)
    throw invalidParameter('Placement constraint distinctInstance can be specified only once.')
  for (const item of strategy) checkStrategy(item)
}

const checkConstraint = ({ type, expression }: PlacementConstraint): void => {
  switch (type) {
    case 'distinctInstance':
      if (expression)
        throw invalidParameter('Placement constraint distinctInstance cannot have an expression.')
      return
    case 'memberOf':
      if (!expression) throw invalidParameter('Placement constraint memberOf must have an expression.')
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
      if (field) throw invalidParameter('Placement strategy random cannot have a field.')
      return
    case 'binpack':
      if (!/^(cpu|memory)$/i.test(field ?? ''))
        throw invalidParameter('The field of a binpack placement strategy must be cpu or memory.')
      return
    case 'spread':
      if (!/^(instanceId|host|attribute:.+)$/.test(field ?? ''))
        throw invalidParameter(
          'The field of a spread placement strategy must be instanceId, host or an attribute.',
        )
      return
    case undefined:
      throw invalidParameter('Placement strategy type must be specified.')
  }
}
