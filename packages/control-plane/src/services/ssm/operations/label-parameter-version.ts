import type { LabelParameterVersionRequest, LabelParameterVersionResult } from '@aws-sdk/client-ssm'
import { AwsError } from '@berth/aws-api'
import { operation } from '../../service.ts'
import { constraint } from '../errors.ts'
import { findParameter, findVersion, parameterResources, versionsOf } from '../references.ts'
import { parameterVersions } from '../tables/index.ts'

const mostLabels = 10

/** (AWS: "Working with parameter labels") */
const isValid = (label: string): boolean =>
  /^[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}$/.test(label) && !/^(aws|ssm)/i.test(label)

export const labelParameterVersion = operation<LabelParameterVersionRequest, LabelParameterVersionResult>({
  name: 'LabelParameterVersion',
  effect: 'writes',
  resources: ({ Name }, { scope }) => parameterResources(scope, [Name]),
  handle: ({ Name = '', ParameterVersion, Labels = [] }, { store, scope }) => {
    if (Labels.length < 1 || Labels.length > mostLabels)
      throw constraint('labels', `have length between 1 and ${mostLabels}`)
    const InvalidLabels = Labels.filter(label => !isValid(label))
    return store.update(tx => {
      const parameter = findParameter(tx, scope, Name)
      const target = findVersion(tx, parameter, ParameterVersion ?? parameter.version)
      if (InvalidLabels.length > 0) return { InvalidLabels, ParameterVersion: target.version }
      const labels = [...new Set([...target.labels, ...Labels])]
      if (labels.length > mostLabels)
        throw new AwsError(
          'ParameterVersionLabelLimitExceeded',
          `A parameter version can have a maximum of ten labels.`,
        )
      // A label is of one version: it leaves the one that had it.
      for (const version of versionsOf(tx, parameter)) {
        if (version.version === target.version) continue
        const kept = version.labels.filter(label => !Labels.includes(label))
        if (kept.length < version.labels.length) tx.put(parameterVersions, { ...version, labels: kept })
      }
      tx.put(parameterVersions, { ...target, labels })
      return { InvalidLabels, ParameterVersion: target.version }
    })
  },
})
