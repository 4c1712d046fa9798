import { setTimeout as delay } from 'node:timers/promises'
import {
  DescribeServicesCommand,
  type ECSClient,
  paginateListServices,
  type ServiceEvent,
} from '@aws-sdk/client-ecs'
import { ecsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { CommandFailure } from '../failures.ts'
import { text } from '../flags.ts'

const servicesAtATime = 10

const serviceNames = async (client: ECSClient, cluster: string): Promise<string[]> => {
  const names: string[] = []
  for await (const page of paginateListServices({ client, pageSize: 100 }, { cluster }))
    names.push(...(page.serviceArns ?? []))
  return names
}

/** Events of these services, oldest first. */
const readEvents = async (
  client: ECSClient,
  cluster: string,
  services: readonly string[],
): Promise<ServiceEvent[]> => {
  const events: ServiceEvent[] = []
  for (let start = 0; start < services.length; start += servicesAtATime) {
    const page = await client.send(
      new DescribeServicesCommand({ cluster, services: services.slice(start, start + servicesAtATime) }),
    )
    const missing = page.failures?.[0]
    if (missing !== undefined)
      throw new CommandFailure(`There is no service ${missing.arn} in the cluster ${cluster}.`)
    events.push(...(page.services ?? []).flatMap(service => service.events ?? []))
  }
  return events.sort((a, b) => Number(a.createdAt) - Number(b.createdAt))
}

const run = async ({ configuration, flags, positionals, output }: Invocation): Promise<number> => {
  const client = ecsClient(configuration)
  const cluster = text(flags, 'cluster') ?? 'default'
  const seen = new Set<string>()
  const showNew = async (): Promise<void> => {
    const names = positionals.length > 0 ? positionals : await serviceNames(client, cluster)
    for (const event of await readEvents(client, cluster, names)) {
      if (event.id === undefined || seen.has(event.id)) continue
      seen.add(event.id)
      output.line(
        output.json
          ? JSON.stringify(event)
          : `${output.colour('dim', event.createdAt?.toISOString() ?? '')}  ${event.message}`,
      )
    }
  }
  await talking(configuration, showNew)
  while (flags['follow'] === true) {
    await delay(500)
    await talking(configuration, showNew)
  }
  return 0
}

export const events: Command = {
  name: 'events',
  summary: "Show services' events, oldest first; one JSON object a line with --json",
  usage: '[SERVICE …] [-f] [--cluster default]',
  options: { cluster: { type: 'string' }, follow: { type: 'boolean', short: 'f' } },
  positionals: [0, 10],
  run,
}
