import type {
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter,
} from '@aws-sdk/client-ssm'
import { AwsError } from '@berth/aws-api'
import { scopeKey } from '@berth/model'
import { takeRows } from '../../row-page.ts'
import { operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { constraint, pageRules, validation } from '../errors.ts'
import { checkFilters, matchesFilters, pathFilterKeys } from '../filters.ts'
import { parameterArn } from '../names.ts'
import {
  findParameter,
  findVersion,
  parameterResources,
  type Selected,
  select,
  versionsOf,
} from '../references.ts'
import type { SsmParts } from '../service-parts.ts'
import { parameters } from '../tables/index.ts'
import { shownValue } from '../value.ts'

const shownParameter = (
  { encryption }: SsmParts,
  { parameter, version, selector }: Selected,
  withDecryption: boolean | undefined,
): Parameter => ({
  Name: parameter.name,
  Type: version.type,
  Value: shownValue(encryption, version, withDecryption),
  Version: version.version,
  ...(selector && { Selector: selector }),
  LastModifiedDate: timestamp(version.modifiedAt),
  ARN: parameter.arn,
  DataType: version.dataType,
})

export const getParameter = (parts: SsmParts) =>
  operation<GetParameterRequest, GetParameterResult>({
    name: 'GetParameter',
    effect: 'reads',
    resources: ({ Name }, { scope }) => parameterResources(scope, [Name]),
    handle: ({ Name = '', WithDecryption }, { store, scope }) => ({
      Parameter: shownParameter(parts, select(store, scope, Name), WithDecryption),
    }),
  })

const mostNames = 10

export const checkNames = (names: readonly string[]): void => {
  if (names.length < 1 || names.length > mostNames)
    throw constraint('names', `have length between 1 and ${mostNames}`)
}

export const getParameters = (parts: SsmParts) =>
  operation<GetParametersRequest, GetParametersResult>({
    name: 'GetParameters',
    effect: 'reads',
    resources: ({ Names = [] }, { scope }) => parameterResources(scope, Names),
    handle: ({ Names = [], WithDecryption }, { store, scope }) => {
      checkNames(Names)
      if (new Set(Names).size < Names.length)
        throw validation('Duplicate names are not allowed in the request.')
      const InvalidParameters: string[] = []
      const Parameters = Names.flatMap(name => {
        try {
          return [shownParameter(parts, select(store, scope, name), WithDecryption)]
        } catch (error) {
          const isAbsent =
            error instanceof AwsError &&
            (error.code === 'ParameterNotFound' || error.code === 'ParameterVersionNotFound')
          if (!isAbsent) throw error
          InvalidParameters.push(name)
          return []
        }
      })
      return { Parameters, InvalidParameters }
    },
  })

export const getParametersByPath = (parts: SsmParts) =>
  operation<GetParametersByPathRequest, GetParametersByPathResult>({
    name: 'GetParametersByPath',
    effect: 'reads',
    resources: ({ Path = '' }, { scope }) => [parameterArn(scope, Path)],
    handle: (input, { store, scope }) => {
      const { Path = '', Recursive = false, ParameterFilters = [], WithDecryption } = input
      if (!Path.startsWith('/'))
        throw validation(
          `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/".`,
        )
      checkFilters(ParameterFilters, pathFilterKeys)
      const below = Path.endsWith('/') ? Path : `${Path}/`
      const found = [...store.where(parameters, 'byScope', scopeKey(scope))]
        .filter(({ name }) => name.startsWith(below) && (Recursive || !name.includes('/', below.length)))
        .filter(parameter => matchesFilters(store, parameter, ParameterFilters))
      const list = `GetParametersByPath|${scopeKey(scope)}|${JSON.stringify([below, Recursive, ParameterFilters])}`
      const { items, NextToken } = takeRows(list, input, found, pageRules(mostNames))
      const Parameters = items.map(parameter => {
        const version = findVersion(store, parameter, parameter.version)
        return shownParameter(parts, { parameter, version }, WithDecryption)
      })
      return { Parameters, ...(NextToken && { NextToken }) }
    },
  })

export const getParameterHistory = (parts: SsmParts) =>
  operation<GetParameterHistoryRequest, GetParameterHistoryResult>({
    name: 'GetParameterHistory',
    effect: 'reads',
    resources: ({ Name }, { scope }) => parameterResources(scope, [Name]),
    handle: (input, { store, scope }) => {
      const parameter = findParameter(store, scope, input.Name ?? '')
      const versions = versionsOf(store, parameter)
      const { items, NextToken } = takeRows(
        `GetParameterHistory|${parameter.id}`,
        input,
        versions,
        pageRules(50),
      )
      const Parameters = items.map(version => ({
        Name: parameter.name,
        Type: version.type,
        ...(version.keyId && { KeyId: version.keyId }),
        LastModifiedDate: timestamp(version.modifiedAt),
        LastModifiedUser: version.modifiedBy,
        ...(version.description && { Description: version.description }),
        Value: shownValue(parts.encryption, version, input.WithDecryption),
        ...(version.allowedPattern && { AllowedPattern: version.allowedPattern }),
        Version: version.version,
        Labels: [...version.labels],
        Tier: version.tier,
        Policies: [],
        DataType: version.dataType,
      }))
      return { Parameters, ...(NextToken && { NextToken }) }
    },
  })
