import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const busybox = 'berth-test/busybox:latest'

/** Makes the image that the tests' containers run, from Debian's busybox-static, unless it is there. */
export const makeBusyboxImage = (): void => {
  try {
    execFileSync('docker', ['image', 'inspect', busybox], { stdio: 'ignore' })
    return
  } catch {
    // It is not there: it is made below.
  }
  const tree = mkdtempSync(join(tmpdir(), 'berth-busybox-'))
  try {
    for (const folder of ['bin', 'tmp', 'etc']) mkdirSync(join(tree, folder))
    const binary = execFileSync('/bin/sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
    copyFileSync(binary, join(tree, 'bin/busybox'))
    const applets = execFileSync(binary, ['--list'], { encoding: 'utf8' }).split('\n')
    for (const applet of applets.filter(name => name !== '' && name !== 'busybox'))
      symlinkSync('busybox', join(tree, 'bin', applet))
    writeFileSync(join(tree, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
    const archive = execFileSync(
      'tar',
      ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '-C', tree, '-c', '.'],
      {
        maxBuffer: 64 * 1024 * 1024,
      },
    )
    execFileSync('docker', ['import', '-c', 'ENV PATH=/bin', '-', busybox], {
      input: archive,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
  } finally {
    rmSync(tree, { recursive: true })
  }
}
