import { type BerthClient, ListPausedServicesCommand, type PausedService } from '@berth/client'

export const pausedServices = async (client: BerthClient, cluster: string): Promise<PausedService[]> => {
  const paused: PausedService[] = []
  let nextToken: string | undefined
  do {
    const page = await client.send(new ListPausedServicesCommand({ cluster, nextToken }))
    paused.push(...(page.services ?? []))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return paused
}
