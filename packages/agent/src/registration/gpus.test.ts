import { expect, it } from 'vitest'
import { gpuIdIn } from './gpus.ts'

it('a GPU has the name that its driver gives it', () => {
  const information = [
    'Model: \t\t NVIDIA A10G',
    'IRQ:   \t\t 11',
    'GPU UUID: \t GPU-8a567cf1-9b1d-4d7e-a2f4-2f0c2c2c2c2c',
    'Bus Location: \t 0000:00:1e.0',
  ].join('\n')
  expect(gpuIdIn(information)).toBe('GPU-8a567cf1-9b1d-4d7e-a2f4-2f0c2c2c2c2c')
  expect(gpuIdIn('Model: NVIDIA')).toBeUndefined()
})
