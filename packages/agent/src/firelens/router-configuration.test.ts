import { describe, expect, it } from 'vitest'
import { type RouterSettings, routerConfiguration } from './router-configuration.ts'

const settings = (members: Partial<RouterSettings> = {}): RouterSettings => ({
  type: 'fluentbit',
  listensOnTcp: true,
  fields: { ecs_cluster: 'default', ecs_task_arn: 'arn:task/1', ecs_task_definition: 'web:7' },
  senders: [
    {
      container: 'app',
      options: {
        Name: 'http',
        host: 'logs.example',
        'include-pattern': '^error',
        'exclude-pattern': 'debug',
        'log-driver-buffer-limit': '100',
      },
    },
  ],
  ...members,
})

describe('the configuration of a log router', () => {
  it('of Fluent Bit has its inputs, filters, includes and outputs in order', () => {
    expect(routerConfiguration(settings({ included: '/extra.conf' }))).toBe(`
[INPUT]
    Name forward
    unix_path /var/run/fluent.sock

[INPUT]
    Name forward
    Listen 0.0.0.0
    Port 24224

[INPUT]
    Name tcp
    Tag firelens-healthcheck
    Listen 127.0.0.1
    Port 8877

[FILTER]
    Name grep
    Match app-firelens*
    Regex log ^error

[FILTER]
    Name grep
    Match app-firelens*
    Exclude log debug

[FILTER]
    Name record_modifier
    Match *
    Record ecs_cluster default
    Record ecs_task_arn arn:task/1
    Record ecs_task_definition web:7

@INCLUDE /extra.conf

[OUTPUT]
    Name null
    Match firelens-healthcheck

[OUTPUT]
    Name http
    Match app-firelens*
    host logs.example
`)
  })

  it('of fluentd has the same in its words, and no TCP where the network is the host\u2019s', () => {
    const senders = [{ container: 'app', options: { '@type': 'file', path: '/out', 'include-pattern': 'x' } }]
    expect(
      routerConfiguration(settings({ type: 'fluentd', listensOnTcp: false, fields: {}, senders })),
    ).toBe(`
<source>
    @type unix
    path /var/run/fluent.sock
</source>

<filter app-firelens**>
    @type grep
    <regexp>
        key log
        pattern x
    </regexp>
</filter>

<match app-firelens**>
    @type file
    path /out
</match>
`)
  })

  it('leaves the output to the user\u2019s own file when a sender names none', () => {
    const senders = [{ container: 'app', options: {} }]
    expect(routerConfiguration(settings({ listensOnTcp: false, senders }))).not.toContain('[OUTPUT]')
  })

  it('cannot be written when a sender has options and no output', () => {
    const senders = [{ container: 'app', options: { host: 'x' } }]
    expect(() => routerConfiguration(settings({ senders }))).toThrow(
      'unable to apply log options of container app to firelens config: missing output key Name which is required for firelens configuration of type fluentbit',
    )
  })
})
