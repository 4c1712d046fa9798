/** What a rule changes of a request before targets get it. (AWS: RuleTransform; "Transforms for listener rules") */
import type { RewriteConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import { validationError } from './errors.ts'
import { checkRegex } from './regex.ts'

const longest = 1_024

const checkRewrites = (rewrites: readonly RewriteConfig[] | undefined): RewriteConfig[] => {
  const [rewrite, ...others] = rewrites ?? []
  if (!rewrite || others.length > 0) throw validationError('A transform must have exactly one rewrite')
  const { Regex = '', Replace = '' } = rewrite
  checkRegex(Regex, longest)
  if (Replace.length > longest)
    throw validationError(`The replacement '${Replace}' cannot be longer than '${longest}' characters`)
  return [{ Regex, Replace }]
}

const givenTransform = (transform: RuleTransform): RuleTransform => {
  const { Type, HostHeaderRewriteConfig, UrlRewriteConfig } = transform
  const [own, other] =
    Type === 'url-rewrite'
      ? [UrlRewriteConfig, HostHeaderRewriteConfig]
      : [HostHeaderRewriteConfig, UrlRewriteConfig]
  if (!own || other) throw validationError(`A transform of type '${Type}' must have its own configuration`)
  const Rewrites = checkRewrites(own.Rewrites)
  return Type === 'url-rewrite'
    ? { Type, UrlRewriteConfig: { Rewrites } }
    : { Type: 'host-header-rewrite', HostHeaderRewriteConfig: { Rewrites } }
}

/** One of each type at most. Throws ValidationError. */
export const givenTransforms = (transforms: readonly RuleTransform[] = []): RuleTransform[] => {
  const types = transforms.map(({ Type }) => Type)
  const twice = types.find((type, index) => types.indexOf(type) !== index)
  if (twice !== undefined) throw validationError(`A rule can only have one transform of type '${twice}'`)
  return transforms.map(givenTransform)
}
