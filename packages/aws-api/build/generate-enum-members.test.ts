import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generateEnumMembers } from './generate-enum-members.ts'
import { type DeclaredMember, readEnumMembers, readMembers } from './read-declarations.ts'

const require = createRequire(import.meta.url)
const clients = [
  'cloudwatch-logs',
  'ecs',
  'efs',
  'elastic-load-balancing-v2',
  'secrets-manager',
  'ssm',
  'sts',
]

test('the generated file is what the declarations of the installed packages give', () => {
  const file = new URL('../src/generated/enum-members.ts', import.meta.url)
  expect(readFileSync(file, 'utf8')).toBe(generateEnumMembers())
})

/** The members of every structure of a client, by `Structure.member`, as the declarations have them. */
function declarations(client: string): Map<string, DeclaredMember> {
  const models = join(
    dirname(require.resolve(`@aws-sdk/client-${client}/package.json`)),
    'dist-types',
    'models',
  )
  const members = readdirSync(models)
    .filter(file => file.endsWith('.d.ts'))
    .flatMap(file => readMembers(readFileSync(join(models, file), 'utf8')))
  return new Map(members.map(member => [`${member.structure}.${member.name}`, member]))
}

type StructureSchema = readonly [
  3,
  string,
  name: string,
  unknown,
  members: string[],
  unknown,
  required?: number,
]

describe.each(clients)('client-%s', client => {
  const declared = declarations(client)
  const module: Record<string, unknown> = require(`@aws-sdk/client-${client}`)
  const structures = Object.values(module).filter(
    (schema): schema is StructureSchema => Array.isArray(schema) && schema[0] === 3,
  )

  test('declares each member of the runtime schemas, and as required as they say', () => {
    expect(structures.length).toBeGreaterThan(10)
    for (const [, , name, , members, , required = 0] of structures) {
      for (const [position, member] of (members ?? []).entries()) {
        const found = declared.get(`${name}.${member}`)
        expect(found?.isOptional, `${name}.${member}`).toBe(position >= required)
      }
    }
  })
})

test('an enum is found behind lists and maps, and nothing else is taken for one', () => {
  const text = `
export interface Thing {
    /**
     * <p>Not: Colour;</p>
     */
    one?: Colour | undefined;
    many: Colour[] | undefined;
    grid?: Colour[][] | undefined;
    byName?: Record<string, Colour> | undefined;
    text?: string | undefined;
    other?: Other | undefined;
}
export declare namespace Either {
    interface LeftMember {
        left: Colour;
        right?: never;
    }
}
`
  const table = readEnumMembers([text], {
    Colour: { RED: 'RED' },
  })
  expect(table).toEqual({
    Thing: { one: 'Colour', many: 'Colour', grid: 'Colour', byName: 'Colour' },
    Either: { left: 'Colour' },
  })
})
