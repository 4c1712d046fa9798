/** A task's cpu and memory, which may be written in units (`1024`, `1 vCPU`, `2048`, `2 GB`). */

const parse = (text: string, unit: RegExp, perUnit: number): number | undefined => {
  const whole = /^\s*(\d+)\s*$/.exec(text)
  if (whole) return Number(whole[1])
  const parts = /^\s*(\d*\.?\d+)\s*([a-zA-Z]+)\s*$/.exec(text)
  if (!parts?.[2] || !unit.test(parts[2])) return undefined
  const amount = Number(parts[1]) * perUnit
  return Number.isInteger(amount) ? amount : undefined
}

/** CPU units, 1024 a vCPU; undefined when the text is no size. */
export const parseTaskCpu = (text: string): number | undefined => parse(text, /^vcpu$/i, 1024)

/** MiB; undefined when the text is no size. */
export const parseTaskMemory = (text: string): number | undefined => parse(text, /^gb$/i, 1024)

interface FargateSize {
  readonly cpu: number
  /** MiB: every step from the least to the most. */
  readonly least: number
  readonly most: number
  readonly step: number
}

const gib = 1024

/** AWS: "Task CPU and memory" for Fargate. 256 units have 512, 1024 and 2048 MiB: the one row that is no even range. */
const fargateSizes: readonly FargateSize[] = [
  { cpu: 256, least: 1 * gib, most: 2 * gib, step: gib },
  { cpu: 512, least: 1 * gib, most: 4 * gib, step: gib },
  { cpu: 1024, least: 2 * gib, most: 8 * gib, step: gib },
  { cpu: 2048, least: 4 * gib, most: 16 * gib, step: gib },
  { cpu: 4096, least: 8 * gib, most: 30 * gib, step: gib },
  { cpu: 8192, least: 16 * gib, most: 60 * gib, step: 4 * gib },
  { cpu: 16_384, least: 32 * gib, most: 120 * gib, step: 8 * gib },
  { cpu: 32_768, least: 60 * gib, most: 244 * gib, step: 4 * gib },
]

export const isFargateSize = (cpu: number, memoryMiB: number): boolean =>
  (cpu === 256 && memoryMiB === 512) ||
  fargateSizes.some(
    size =>
      size.cpu === cpu &&
      memoryMiB >= size.least &&
      memoryMiB <= size.most &&
      (memoryMiB - size.least) % size.step === 0,
  )
