/** The image of a server that costs next to nothing: this machine's HAProxy, which answers every request by itself. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const responder = 'berth-bench/responder:latest'
export const responderPort = 8080

const configuration = `
global
  maxconn 4000
defaults
  mode http
  timeout client 60s
  timeout http-keep-alive 60s
frontend all
  bind :${responderPort}
  http-request return status 200 content-type text/plain string "ok\\n"
`

/** HAProxy ends at once at SIGTERM, and at SIGUSR1 only when its connections have: as a good server ends. */
const start = `#!/bin/busybox sh
haproxy -f /etc/haproxy.cfg -db &
trap "kill -USR1 $!" TERM
while kill -0 $! 2>/dev/null; do wait; done
`

/** With everything that the dynamic linker wants for it. */
const copyProgram = (program: string, tree: string): void => {
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' })
  const files = [program, ...[...linked.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file)]
  for (const file of files) {
    mkdirSync(join(tree, dirname(file)), { recursive: true })
    copyFileSync(file, join(tree, file))
  }
}

export const makeResponderImage = (): void => {
  const tree = mkdtempSync(join(tmpdir(), 'berth-responder-'))
  try {
    copyProgram(execFileSync('/bin/sh', ['-c', 'command -v haproxy'], { encoding: 'utf8' }).trim(), tree)
    for (const folder of ['bin', 'etc']) mkdirSync(join(tree, folder), { recursive: true })
    const busybox = execFileSync('/bin/sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
    copyFileSync(busybox, join(tree, 'bin/busybox'))
    writeFileSync(join(tree, 'etc/haproxy.cfg'), configuration)
    writeFileSync(join(tree, 'start'), start, { mode: 0o755 })
    const archive = execFileSync('tar', ['-C', tree, '-c', '.'], { maxBuffer: 256 * 1024 * 1024 })
    const changes = ['-c', 'ENV PATH=/bin:/usr/sbin:/usr/bin:/sbin', '-c', 'CMD ["/start"]']
    execFileSync('docker', ['import', ...changes, '-', responder], {
      input: archive,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
  } finally {
    rmSync(tree, { recursive: true })
  }
}
