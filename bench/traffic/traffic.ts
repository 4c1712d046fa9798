/** Load balancers and networks of tasks, beside what somebody would build by hand. */
import { Berth } from '../../test/e2e/berth.ts'
import { betweenHosts } from './between-hosts.ts'
import { firstRequest } from './first-request.ts'
import { groupChange } from './group-change.ts'
import { nothingLost } from './nothing-lost.ts'
import { requests } from './requests.ts'
import { makeResponderImage } from './responder-image.ts'
import { taskNetworks } from './task-networks.ts'

const parts: readonly ((berth: Berth) => Promise<void>)[] = [
  taskNetworks,
  firstRequest,
  requests,
  nothingLost,
]

export const traffic = async (): Promise<void> => {
  await betweenHosts()
  await groupChange()
  makeResponderImage()
  for (const part of parts) {
    const berth = await Berth.start({
      server: { BERTH_TASK_SETTLE_MS: '0' },
      agent: { BERTH_INGRESS: 'true' },
    })
    try {
      await part(berth)
    } finally {
      await berth.stop()
    }
  }
}
