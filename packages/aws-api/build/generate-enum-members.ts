/**
 * Writes src/generated/enum-members.ts: which enum each structure's member belongs to. The client packages' runtime
 * schemas do not say it, their type declarations do. Run: node packages/aws-api/build/generate-enum-members.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readEnumMembers } from './read-declarations.ts'

const packageFile = new URL('../package.json', import.meta.url)
const outputFile = new URL('../src/generated/enum-members.ts', import.meta.url)

/** Its thousands of enums would be loaded by every server; its handlers check the few that they read. */
const withoutEnums = '@aws-sdk/client-ec2'

/** The file's text, for the client packages that this package depends on. */
export function generateEnumMembers(): string {
  const require = createRequire(packageFile)
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(packageFile, 'utf8'))
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter(
    name => name.startsWith('@aws-sdk/client-') && name !== withoutEnums,
  )
  const tables = names.sort().map(name => {
    const models = join(dirname(require.resolve(`${name}/package.json`)), 'dist-types', 'models')
    const texts = readdirSync(models)
      .filter(file => /^models_\d+\.d\.ts$|^errors\.d\.ts$/.test(file))
      .map(file => readFileSync(join(models, file), 'utf8'))
    return `  '${namespaceOf(require(name))}': ${JSON.stringify(readEnumMembers(texts, require(name)), null, 2)},`
  })
  return [
    '// Made by build/generate-enum-members.ts from the type declarations of the client packages. Do not edit.',
    "import type { EnumMembers } from '../service.ts'",
    '',
    'export const enumMembersByNamespace: Readonly<Record<string, EnumMembers>> = {',
    ...tables,
    '}',
    '',
  ].join('\n')
}

function namespaceOf(client: Readonly<Record<string, unknown>>): string {
  for (const schema of Object.values(client)) {
    if (Array.isArray(schema) && schema[0] === 9) return String(schema[1])
  }
  throw new Error('the package exports no operation')
}

if (process.argv[1] === import.meta.filename) writeFileSync(outputFile, generateEnumMembers())
