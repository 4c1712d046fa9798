import type { ListenerRow } from '../tables/index.ts'
import {
  type Attribute,
  type AttributeSet,
  allAttributes,
  boolean,
  changedAttributes,
  type GivenAttribute,
  integer,
  oneOf,
  text,
} from './attribute-set.ts'

type Of = Attribute<ListenerRow>

const isHttp = ({ protocol }: ListenerRow): boolean => protocol === 'HTTP' || protocol === 'HTTPS'
const isHttps = ({ protocol }: ListenerRow): boolean => protocol === 'HTTPS'
const isTcp = ({ protocol }: ListenerRow): boolean => protocol === 'TCP' || protocol === 'TCP_UDP'

const headerName = (value: string): string | undefined =>
  /^[A-Za-z0-9_-]{0,40}$/.test(value)
    ? undefined
    : 'can only contain up to 40 alphanumeric characters, hyphens(-) and underscores(_)'

/** The headers that tell targets of the client's certificate and connection may have other names. */
const renamed = (header: string): AttributeSet<ListenerRow> => {
  const attribute: Of = { default: header, check: headerName, has: isHttps }
  return { [`routing.http.request.${header.toLowerCase().replaceAll('-', '_')}.header_name`]: attribute }
}

/** Headers of answers, which are not there unless they are given a value. */
const added = (header: string, check = text(1_024)): AttributeSet<ListenerRow> => ({
  [`routing.http.response.${header}.header_value`]: { default: '', check, has: isHttp },
})

/** (AWS: Elastic Load Balancing API reference, ListenerAttribute) */
const attributes: AttributeSet<ListenerRow> = {
  'tcp.idle_timeout.seconds': { default: '350', check: integer(60, 6_000), has: isTcp },
  ...renamed('X-Amzn-Mtls-Clientcert-Serial-Number'),
  ...renamed('X-Amzn-Mtls-Clientcert-Issuer'),
  ...renamed('X-Amzn-Mtls-Clientcert-Subject'),
  ...renamed('X-Amzn-Mtls-Clientcert-Validity'),
  ...renamed('X-Amzn-Mtls-Clientcert-Leaf'),
  ...renamed('X-Amzn-Mtls-Clientcert'),
  ...renamed('X-Amzn-Tls-Version'),
  ...renamed('X-Amzn-Tls-Cipher-Suite'),
  'routing.http.response.server.enabled': { default: 'true', check: boolean, has: isHttp },
  ...added('strict_transport_security'),
  ...added('access_control_allow_origin'),
  ...added('access_control_allow_methods'),
  ...added('access_control_allow_headers'),
  ...added('access_control_allow_credentials', oneOf('true', '')),
  ...added('access_control_expose_headers'),
  ...added('access_control_max_age', value => (value === '' ? undefined : integer(0, 86_400)(value))),
  ...added('content_security_policy'),
  ...added('x_content_type_options', oneOf('nosniff', '')),
  ...added('x_frame_options', oneOf('DENY', 'SAMEORIGIN', '')),
}

export const listenerAttributes = (row: ListenerRow): Record<string, string> => allAttributes(attributes, row)

export const changedListenerAttributes = (
  row: ListenerRow,
  given: readonly GivenAttribute[],
): Readonly<Record<string, string>> =>
  changedAttributes(attributes, row, given, {
    noun: 'Listener',
    described: `listeners with the ${row.protocol} protocol`,
  })
