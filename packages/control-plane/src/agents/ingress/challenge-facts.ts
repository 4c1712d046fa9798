/** What the load balancers of every host answer authorities that validate names. */
import type { IngressFact } from '@berth/model'
import { type AcmeOrderRow, acmeOrders } from '../../services/acm/index.ts'
import type { View } from '../../store/view.ts'
import { keyOf } from './ingress-facts.ts'

/** Of every host that carries a load balancer: a name may lead to any of them. */
export const challengesAudience = 'challenges'

const factOf = ({ id, answers }: AcmeOrderRow): IngressFact | undefined =>
  answers.length === 0
    ? undefined
    : {
        key: keyOf('challenge', id),
        kind: 'challenge',
        answers: answers.map(({ token, keyAuthorization }) => ({ token, keyAuthorization })),
      }

export const challengeFact = (view: View, certificateArn: string): IngressFact | undefined => {
  const row = view.get(acmeOrders, certificateArn)
  return row && factOf(row)
}

export const challengeFacts = (view: View): IngressFact[] =>
  [...view.all(acmeOrders)].flatMap(row => factOf(row) ?? [])
