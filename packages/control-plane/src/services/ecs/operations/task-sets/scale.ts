import type { Scale } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'
import type { TaskSetRow } from '../../tables/index.ts'

/** A percentage of the service's desired count. Throws InvalidParameterException. (AWS: Scale) */
export const checkScale = ({ value, unit = 'PERCENT' }: Scale): TaskSetRow['scale'] => {
  if (value === undefined) throw invalidParameter('The value of scale can not be blank.')
  // NaN is no number between them either.
  if (!(value >= 0 && value <= 100)) throw invalidParameter('The value of scale must be between 0 and 100.')
  return { value, unit }
}
