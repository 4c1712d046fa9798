/** The cluster query language over container instances: ListContainerInstances' filter, and placement's memberOf. */
import { type Expression, evaluate, parseExpression, QuerySyntaxError } from '@berth/model'
import type { View } from '../../store/view.ts'
import { timestamp } from '../timestamp.ts'
import { invalidParameter } from './errors.ts'
import { type ContainerInstanceRow, tasks } from './tables/index.ts'

/** Throws InvalidParameterException, with the position of what is wrong. */
export const parseQuery = (text: string): Expression => {
  try {
    return parseExpression(text)
  } catch (error) {
    if (error instanceof QuerySyntaxError) throw invalidParameter(error.message)
    throw error
  }
}

/** Whether the expression selects this container instance, as it is in the view. */
export const selectsInstance = (
  expression: Expression,
  view: View,
  instance: ContainerInstanceRow,
): boolean => evaluate(expression, subject => valuesOf(subject, view, instance))

/** The values of a subject for this container instance, as it is in the view. */
export const valuesOf = (subject: string, view: View, instance: ContainerInstanceRow): readonly string[] => {
  switch (subject) {
    case 'agentConnected':
      return [String(instance.agentConnected)]
    case 'agentVersion':
      return definedOnly(instance.versionInfo.agentVersion)
    case 'ec2InstanceId':
      return definedOnly(instance.ec2InstanceId)
    case 'registeredAt':
      return [timestamp(instance.registeredAt).toISOString()]
    case 'runningTasksCount':
      return [String(view.total(tasks, 'usageByInstance', instance.id)?.running ?? 0)]
    case 'task:group':
      return [...view.where(tasks, 'byInstance', instance.id)].map(task => task.group)
    default:
      return attributeValues(instance, subject.slice('attribute:'.length))
  }
}

const definedOnly = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value])

const attributeValues = (instance: ContainerInstanceRow, name: string): readonly string[] =>
  instance.attributes.filter(attribute => attribute.name === name).map(attribute => attribute.value ?? '')
