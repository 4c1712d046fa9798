import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { placesIn } from './configuration/places.ts'
import { prepareDirectory, removeFiles, writeFiles } from './ingress-files.ts'

const given = () => {
  const parent = mkdtempSync(join(tmpdir(), 'berth-files-'))
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const places = placesIn(join(parent, 'ingress'))
  prepareDirectory(places)
  const key = places.certificate('arn:aws:acm:us-east-1:1:certificate/one')
  writeFiles(places, { configuration: 'global\n', others: new Map([[key, 'PEM']]) }, 'a'.repeat(64))
  return { places, key }
}

test('keys, and what names them, are for their owner only', () => {
  const { places, key } = given()
  const modes = [places.directory, key, places.configuration].map(path => statSync(path).mode & 0o777)
  expect(modes).toEqual([0o700, 0o600, 0o600])
})

test('no key stays where no load balancer is left', () => {
  const { places } = given()
  writeFileSync(places.logFile, '')
  removeFiles(places)
  expect(readdirSync(places.directory)).toEqual(['haproxy.log'])
})
