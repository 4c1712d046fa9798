/** The zones of a region: three, whatever the region. */
const letters = ['a', 'b', 'c'] as const

export interface Zone {
  /** `us-east-1a` */
  readonly name: string
  /** `use1-az1` */
  readonly id: string
}

export const zonesOf = (region: string): Zone[] =>
  letters.map((letter, index) => ({
    name: `${region}${letter}`,
    id: `${shortRegion(region)}-az${index + 1}`,
  }))

/** `ap-southeast-2` as `apse2`. (AWS: "Availability Zone IDs") */
const shortRegion = (region: string): string => {
  const [area = '', ...rest] = region.split('-')
  return (
    area +
    rest
      .map(
        part =>
          part
            .match(/north|south|east|west|central|gov|\d+/g)
            ?.map(short)
            .join('') ?? '',
      )
      .join('')
  )
}

const short = (part: string): string => (/^\d+$/.test(part) ? part : part.slice(0, 1))
