import { expect, it } from 'vitest'
import { withSection } from './profile.ts'

it('adds its section to a file, and leaves every other line as it was', () => {
  expect(withSection('', '[berth]\na = 1\n')).toBe('[berth]\na = 1\n')
  expect(withSection('[default]\nx = 1\n', '[berth]\na = 1\n')).toBe('[default]\nx = 1\n\n[berth]\na = 1\n')
})

it('replaces its own section only', () => {
  expect(withSection('[berth]\na = 0\n[default]\nx = 1\n', '[berth]\na = 1\n')).toBe(
    '[default]\nx = 1\n\n[berth]\na = 1\n',
  )
})
