/** The certificates that a listener chooses from by SNI, beside its default one. */
import type {
  AddListenerCertificatesInput,
  AddListenerCertificatesOutput,
  Certificate,
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  RemoveListenerCertificatesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { type CanServe, givenCertificates } from '../../certificates.ts'
import { elbError, invalidConfiguration } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { pageOf } from '../../pages.ts'
import { listenerKind, rowOf } from '../../references.ts'
import { type ListenerRow, listeners } from '../../tables/index.ts'

const checkSecure = ({ protocol }: ListenerRow): void => {
  if (protocol !== 'HTTPS' && protocol !== 'TLS')
    throw invalidConfiguration(`Certificates are not supported for ${protocol} listeners`)
}

const checkCount = (view: View, { loadBalancerArn }: ListenerRow): void => {
  const added = [...view.where(listeners, 'byLoadBalancer', loadBalancerArn)].reduce(
    (sum, { certificateArns }) => sum + Math.max(0, certificateArns.length - 1),
    0,
  )
  if (added > limits.certificatesPerLoadBalancer)
    throw elbError(
      'TooManyCertificates',
      `The load balancer '${loadBalancerArn}' cannot have more than ${limits.certificatesPerLoadBalancer} certificates`,
    )
}

/** One that is in the list already is not added again. */
const addListenerCertificates = (canServe: CanServe) =>
  operation<AddListenerCertificatesInput, AddListenerCertificatesOutput>({
    name: 'AddListenerCertificates',
    effect: 'writes',
    resources: ({ ListenerArn = '' }) => [ListenerArn],
    handle: ({ ListenerArn, Certificates }, { store, scope }) =>
      store.update(tx => {
        const row = rowOf(tx, scope, listenerKind, ListenerArn)
        checkSecure(row)
        const given = givenCertificates({ view: tx, scope, canServe }, Certificates)
        const [first = '', ...others] = row.certificateArns
        const changed = { ...row, certificateArns: [first, ...new Set([...others, ...given])] }
        tx.put(listeners, changed)
        checkCount(tx, changed)
        return { Certificates: given.map(CertificateArn => ({ CertificateArn, IsDefault: false })) }
      }),
  })

/** What is not in the list is passed over; the default certificate stays. */
const removeListenerCertificates = operation<RemoveListenerCertificatesInput, object>({
  name: 'RemoveListenerCertificates',
  effect: 'writes',
  resources: ({ ListenerArn = '' }) => [ListenerArn],
  handle: ({ ListenerArn, Certificates = [] }, { store, scope }) => {
    store.update(tx => {
      const row = rowOf(tx, scope, listenerKind, ListenerArn)
      const arns = Certificates.map(({ CertificateArn }) => CertificateArn)
      const [first, ...others] = row.certificateArns
      if (first !== undefined && arns.includes(first) && !others.includes(first))
        throw elbError('OperationNotPermitted', `The default certificate '${first}' cannot be removed`)
      const rest = others.filter(arn => !arns.includes(arn))
      tx.put(listeners, { ...row, certificateArns: first === undefined ? [] : [first, ...rest] })
    })
    return {}
  },
})

const describeListenerCertificates = operation<
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput
>({
  name: 'DescribeListenerCertificates',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const { id, certificateArns } = rowOf(store, scope, listenerKind, input.ListenerArn)
    const rows = certificateArns.map((arn, index) => ({ id: `${index}|${arn}`, arn, isDefault: index === 0 }))
    const { items, ...next } = pageOf(JSON.stringify(['Certificates', id]), input, rows)
    const Certificates = items.map(
      ({ arn, isDefault }): Certificate => ({ CertificateArn: arn, IsDefault: isDefault }),
    )
    return { Certificates, ...next }
  },
})

export const listenerCertificateOperations = (canServe: CanServe) => [
  addListenerCertificates(canServe),
  removeListenerCertificates,
  describeListenerCertificates,
]
