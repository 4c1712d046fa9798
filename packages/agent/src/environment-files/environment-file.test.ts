import { expect, test } from 'vitest'
import { mergeEnvironmentFiles, parseEnvironmentFile } from './environment-file.ts'
import { parseObjectArn } from './object-arn.ts'

test('each line is a variable, as it stands', () => {
  const text = '# comment\nA=1\r\nB= "two" \n\nC=x=y==\n  # D=4\nE\n=F\nG=\nA=last'
  expect(parseEnvironmentFile(text)).toEqual({ A: 'last', B: ' "two" ', C: 'x=y==', '  # D': '4' })
})

test('of two files the first one holds', () => {
  expect(mergeEnvironmentFiles([{ A: '1' }, { A: '2', B: '2' }, { B: '3', C: '3' }])).toEqual({
    A: '1',
    B: '2',
    C: '3',
  })
})

test('an object’s ARN is a bucket and a key', () => {
  expect(parseObjectArn('arn:aws:s3:::my.bucket/a/b.env')).toEqual({ bucket: 'my.bucket', key: 'a/b.env' })
  expect(parseObjectArn('arn:aws-cn:s3:::bucket/a.env')).toEqual({ bucket: 'bucket', key: 'a.env' })
  for (const arn of ['arn:aws:s3:::bucket', 'arn:aws:s3:::../a.env', 'arn:aws:s3:::A/b.env', 'bucket/a.env'])
    expect(parseObjectArn(arn)).toBeUndefined()
})
