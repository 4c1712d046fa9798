import { AwsError } from '@berth/aws-api'
import type { View } from '../../../store/view.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'

/** Whether an instance satisfies an expression of the cluster query language. */
export const memberOf = (_view: View, _instance: ContainerInstanceRow, expression: string): boolean => {
  throw new AwsError('UnsupportedFeatureException', `Placement expressions are not supported: ${expression}`)
}
