import { ObjectError } from '@berth/aws-api'
import { expect, test } from 'vitest'
import { container, payload, startTestHost } from '../tasks/tasks-fixtures.ts'
import { createEnvironmentFilesResource } from './environment-files-resource.ts'

const file = (key: string) => ({ type: 's3', value: `arn:aws:s3:::bucket/${key}` })
const objects: Record<string, Buffer> = {
  'one.env': Buffer.from('A=one\nB=one\nMODE=one'),
  'two.env': Buffer.from('B=two\nC=two'),
  'latin1.env': Buffer.from([0x41, 0x3d, 0xe9]),
}

const hostOf = () => {
  const resource = createEnvironmentFilesResource(async ({ bucket, key }) => {
    const found = objects[key]
    if (!found) throw new ObjectError('unknown', `NoSuchKey: ${bucket}/${key}`)
    return found
  })
  return startTestHost({ resources: [resource] })
}

test('a container has the variables of its files; the first file holds over others, the definition over all', async () => {
  const host = await hostOf()
  const environmentFiles = [file('one.env'), file('two.env')]
  const app = container('app', { environment: { MODE: 'live' }, definition: { environmentFiles } })
  await host.give(payload('a', [app, container('side')]))
  const [main, side] = [...host.engine.containers.values()].map(({ spec }) => spec.environment)
  expect(main).toMatchObject({ A: 'one', B: 'one', C: 'two', MODE: 'live' })
  expect(side).not.toHaveProperty('A')
})

test.each([
  ['none.env', 'NoSuchKey: bucket/none.env'],
  ['latin1.env', 'the file arn:aws:s3:::bucket/latin1.env is not encoded in UTF-8'],
])('a task whose file %s cannot be had stops and says why', async (key, reason) => {
  const host = await hostOf()
  await host.give(payload('a', [container('app', { definition: { environmentFiles: [file(key)] } })]))
  expect(host.last('a')).toMatchObject({
    status: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    reason: `ResourceInitializationError: failed to download env files: ${reason}`,
  })
})
