/** The container that routes a task's logs, and those that send theirs through it. (AWS: "Send Amazon ECS logs to an AWS service or AWS Partner") */
import type { PayloadContainer, PayloadTask } from '@berth/model'

export const logRouterOf = ({ containers }: PayloadTask): PayloadContainer | undefined =>
  containers.find(({ definition }) => definition?.firelensConfiguration !== undefined)

export const sendsToRouter = ({ definition }: PayloadContainer): boolean =>
  definition?.logConfiguration?.logDriver === 'awsfirelens'

/** The router's name, when it must run before this container is created. */
export const routerBefore = (payload: PayloadTask, container: PayloadContainer): string | undefined => {
  const router = logRouterOf(payload)
  // As in the official agent, one that waits for others itself is waited for by none.
  const isFirst = router !== undefined && !router.dependsOn?.length && router.name !== container.name
  return isFirst && sendsToRouter(container) ? router.name : undefined
}

/** The router starts before those who send to it, and stops after them. */
export const withRouterFirst = (payload: PayloadTask): PayloadTask => {
  if (logRouterOf(payload) === undefined) return payload
  const containers = payload.containers.map(container => {
    const router = routerBefore(payload, container)
    const { dependsOn = [] } = container
    if (router === undefined || dependsOn.some(({ containerName }) => containerName === router))
      return container
    return { ...container, dependsOn: [...dependsOn, { containerName: router, condition: 'START' as const }] }
  })
  return { ...payload, containers }
}
