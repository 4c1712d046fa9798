import type { IngressFact } from '@berth/model'
import { expect, it } from 'vitest'
import { usualFacts } from '../ingress-fixtures.ts'
import { haproxyFiles } from './configuration.ts'
import { placesIn } from './places.ts'
import { viewOf } from './view.ts'

const answers = [{ token: 'to_k-en', keyAuthorization: 'to_k-en.print' }]
const challenge: IngressFact = { key: 'challenge/1', kind: 'challenge', answers }

const frontendOf = (facts: readonly IngressFact[]): string[] => {
  const surroundings = { places: placesIn('/run/berth'), slots: () => [], namespace: () => undefined }
  const { configuration } = haproxyFiles(viewOf(facts), { ...surroundings, keys: () => [] })
  const lines = configuration.split('\n')
  const begin = lines.findIndex(line => line.startsWith('frontend'))
  const end = lines.findIndex((line, at) => at > begin && !line.startsWith('  '))
  return lines.slice(begin + 1, end).map(line => line.trim())
}

const line =
  'http-request return status 200 content-type application/octet-stream string to_k-en.print if { path -m str /.well-known/acme-challenge/to_k-en }'

it('answers an authority before any rule, but in a worker that has been replaced', () => {
  const lines = frontendOf([...usualFacts(), challenge])
  const place = lines.indexOf(line)
  const ofRequests = lines.filter(text => /^http-request |_backend /.test(text))
  expect(place).toBeGreaterThan(0)
  expect(ofRequests.slice(1, 3)).toEqual(['http-request allow if { stopping }', line])
})

it('answers nobody who is not asked for', () => {
  expect(frontendOf(usualFacts()).join()).not.toContain('acme-challenge')
})

it('leaves connections without HTTP alone', () => {
  const facts = usualFacts().map(fact =>
    fact.kind === 'listener' ? { ...fact, protocol: 'TCP' as const } : fact,
  )
  expect(frontendOf([...facts, challenge])).not.toContain(line)
})
