/** What a container definition says, and what must then be true: for `docker inspect`, and for the process inside. */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'

export interface ContainerCase {
  readonly title: string
  readonly container: Partial<ContainerDefinition>
  readonly task?: Partial<RegisterTaskDefinitionCommandInput>
  /** Runs in the container with `sh -e`: fails when something is not as wanted. */
  readonly script: string
  /** Part of what `docker inspect` says of it. */
  readonly inspected?: object
}

const mebibyte = 1024 * 1024
const line = (name: string, value: string): string =>
  `grep -q "^${name}:[[:space:]]*${value}$" /proc/self/status`

export const securityCases: readonly ContainerCase[] = [
  {
    title: 'capabilities: all dropped but the added one',
    container: { linuxParameters: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } },
    script: `${line('CapEff', '0000000000000400')}; ${line('CapBnd', '0000000000000400')}`,
    inspected: { HostConfig: { CapDrop: ['ALL'], CapAdd: ['NET_BIND_SERVICE'] } },
  },
  {
    title: 'capabilities: one added lets the process do what it allows',
    container: { linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } },
    script: 'ip link add name berth0 type dummy || ip link set lo down',
    inspected: { HostConfig: { CapAdd: ['NET_ADMIN'] } },
  },
  {
    title: 'dockerSecurityOptions: no-new-privileges',
    container: { dockerSecurityOptions: ['no-new-privileges'] },
    script: line('NoNewPrivs', '1'),
    inspected: { HostConfig: { SecurityOpt: ['no-new-privileges'] } },
  },
  {
    title: 'dockerSecurityOptions: seccomp, with the separator that newer engines want',
    container: { dockerSecurityOptions: ['seccomp:unconfined'] },
    script: line('Seccomp', '0'),
    inspected: { HostConfig: { SecurityOpt: ['seccomp=unconfined'] } },
  },
  {
    title: 'ulimits: soft and hard',
    container: {
      ulimits: [
        { name: 'nofile', softLimit: 123, hardLimit: 456 },
        { name: 'core', softLimit: 0, hardLimit: -1 },
      ],
    },
    script: 'test "$(ulimit -Sn)" = 123; test "$(ulimit -Hn)" = 456; test "$(ulimit -Sc)" = 0',
    inspected: {
      HostConfig: {
        Ulimits: [
          { Name: 'nofile', Soft: 123, Hard: 456 },
          { Name: 'core', Soft: 0, Hard: -1 },
        ],
      },
    },
  },
  {
    title: 'systemControls: parameters of the container\u2019s own kernel namespaces',
    container: {
      systemControls: [
        { namespace: 'net.ipv4.tcp_keepalive_time', value: '500' },
        { namespace: 'kernel.msgmax', value: '4096' },
      ],
    },
    script:
      'test "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)" = 500; test "$(cat /proc/sys/kernel/msgmax)" = 4096',
    inspected: { HostConfig: { Sysctls: { 'net.ipv4.tcp_keepalive_time': '500' } } },
  },
  {
    title: 'readonlyRootFilesystem: nothing is written outside of volumes',
    container: { readonlyRootFilesystem: true },
    script: '! touch /tmp/file',
    inspected: { HostConfig: { ReadonlyRootfs: true } },
  },
  {
    title: 'user: by number, with a group',
    container: { user: '1234:4321' },
    script: 'test "$(id -u):$(id -g)" = 1234:4321',
    inspected: { Config: { User: '1234:4321' } },
  },
]

export const linuxCases: readonly ContainerCase[] = [
  {
    title: 'devices: the permissions that are given, at the path that is given',
    container: {
      linuxParameters: {
        devices: [{ hostPath: '/dev/fuse', containerPath: '/dev/berth', permissions: ['read'] }],
      },
    },
    script: 'sh -c ": < /dev/berth"; ! sh -c ": > /dev/berth"',
    inspected: {
      HostConfig: {
        Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/berth', CgroupPermissions: 'r' }],
      },
    },
  },
  {
    title: 'devices: all permissions and the host\u2019s path unless it says otherwise',
    container: { linuxParameters: { devices: [{ hostPath: '/dev/kmsg' }] } },
    script: 'test -c /dev/kmsg',
    inspected: {
      HostConfig: {
        Devices: [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'rwm' }],
      },
    },
  },
  {
    title: 'initProcessEnabled: an init is the first process',
    container: { linuxParameters: { initProcessEnabled: true } },
    script: 'test "$$" != 1; grep -q init /proc/1/cmdline',
    inspected: { HostConfig: { Init: true } },
  },
  {
    title: 'sharedMemorySize: so many MiB at /dev/shm',
    container: { linuxParameters: { sharedMemorySize: 9 } },
    script: 'test "$(df -k /dev/shm | tail -1 | tr -s " " | cut -d " " -f 2)" = 9216',
    inspected: { HostConfig: { ShmSize: 9 * mebibyte } },
  },
  {
    title: 'tmpfs: size and mount options',
    container: {
      linuxParameters: {
        tmpfs: [{ containerPath: '/scratch', size: 3, mountOptions: ['noexec', 'nosuid', 'mode=1700'] }],
      },
    },
    script:
      'grep " /scratch tmpfs " /proc/mounts | grep noexec | grep nosuid | grep mode=1700 | grep -q size=3072k; touch /scratch/file',
    inspected: { HostConfig: { Tmpfs: { '/scratch': `noexec,nosuid,mode=1700,size=${3 * mebibyte}` } } },
  },
  {
    title: 'maxSwap and swappiness: swap on top of memory, and how eagerly it is used',
    container: { memory: 16, linuxParameters: { maxSwap: 32, swappiness: 25 } },
    script: 'true',
    inspected: { HostConfig: { Memory: 16 * mebibyte, MemorySwap: 48 * mebibyte, MemorySwappiness: 25 } },
  },
  {
    title: 'maxSwap: 0 is no swap',
    container: { memory: 16, linuxParameters: { maxSwap: 0 } },
    script: 'true',
    inspected: { HostConfig: { Memory: 16 * mebibyte, MemorySwap: 16 * mebibyte } },
  },
  {
    title: 'swappiness: ignored without maxSwap, as in ECS',
    container: { linuxParameters: { swappiness: 25 } },
    script: 'true',
    inspected: { HostConfig: { MemorySwappiness: null } },
  },
]

export const networkCases: readonly ContainerCase[] = [
  {
    title: 'hostname: what the process sees',
    container: { hostname: 'blue' },
    task: { networkMode: 'bridge' },
    script: 'test "$(hostname)" = blue',
    inspected: { Config: { Hostname: 'blue' } },
  },
  {
    title: 'extraHosts: lines of /etc/hosts',
    container: { extraHosts: [{ hostname: 'database', ipAddress: '10.1.2.3' }] },
    script: 'grep -q "^10.1.2.3[[:space:]]*database$" /etc/hosts',
    inspected: { HostConfig: { ExtraHosts: ['database:10.1.2.3'] } },
  },
  {
    title: 'dnsServers and dnsSearchDomains: lines of /etc/resolv.conf',
    container: { dnsServers: ['10.9.8.7', '10.9.8.6'], dnsSearchDomains: ['a.example', 'b.example'] },
    script:
      'grep -q "^nameserver 10.9.8.7$" /etc/resolv.conf; grep -q "^nameserver 10.9.8.6$" /etc/resolv.conf; grep -q "^search a.example b.example$" /etc/resolv.conf',
    inspected: { HostConfig: { Dns: ['10.9.8.7', '10.9.8.6'], DnsSearch: ['a.example', 'b.example'] } },
  },
  {
    title: 'disableNetworking: nothing but the loopback',
    container: { disableNetworking: true },
    script: 'test "$(ls /sys/class/net | grep -v lo | wc -l)" = 0',
    inspected: { HostConfig: { NetworkMode: 'none' } },
  },
]

const seconds = 1_000_000_000

export const processCases: readonly ContainerCase[] = [
  {
    title: 'healthCheck: ECS’s defaults where it says nothing else',
    container: { healthCheck: { command: ['CMD-SHELL', 'true'] } },
    script: 'true',
    inspected: {
      Config: {
        Healthcheck: {
          Test: ['CMD-SHELL', 'true'],
          Interval: 30 * seconds,
          Timeout: 5 * seconds,
          Retries: 3,
        },
      },
    },
  },
  {
    title: 'healthCheck: all that it says',
    container: {
      healthCheck: { command: ['CMD', 'true'], interval: 7, timeout: 3, retries: 2, startPeriod: 11 },
    },
    script: 'true',
    inspected: {
      Config: {
        Healthcheck: {
          Test: ['CMD', 'true'],
          Interval: 7 * seconds,
          Timeout: 3 * seconds,
          Retries: 2,
          StartPeriod: 11 * seconds,
        },
      },
    },
  },
  {
    title: 'interactive: standard input stays open',
    container: { interactive: true },
    script: '! timeout 1 cat',
    inspected: { Config: { OpenStdin: true } },
  },
  {
    title: 'pseudoTerminal: output is a terminal',
    container: { pseudoTerminal: true },
    script: 'test -t 1',
    inspected: { Config: { Tty: true } },
  },
  {
    title: 'workingDirectory: where the process starts, made when it is not there',
    container: { workingDirectory: '/some/where' },
    script: 'test "$PWD" = /some/where',
    inspected: { Config: { WorkingDir: '/some/where' } },
  },
  {
    title: 'memoryReservation: alone it is the soft limit, and there is no hard one',
    container: { memory: undefined, memoryReservation: 24 },
    script: 'true',
    inspected: { HostConfig: { Memory: 0, MemoryReservation: 24 * mebibyte } },
  },
]
