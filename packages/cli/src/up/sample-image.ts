import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { CommandFailure } from '../failures.ts'

const run = promisify(execFile)

export const sampleImage = 'berth-sample:1'

const applets = ['cat', 'date', 'echo', 'hostname', 'httpd', 'kill', 'mkdir', 'sh', 'sleep']

const startScript = `#!/bin/sh
mkdir -p /www
echo "Hello from Berth. This is container $(hostname)." > /www/index.html
httpd -f -vv -p 80 -h /www &
server=$!
trap 'kill $server; exit 0' TERM INT
wait $server
`

const imageExists = async (): Promise<boolean> =>
  run('docker', ['image', 'inspect', sampleImage]).then(
    () => true,
    () => false,
  )

const findBusybox = async (): Promise<string> => {
  const { stdout } = await run('/bin/sh', ['-c', 'command -v busybox']).catch(() => ({ stdout: '' }))
  if (stdout.trim() === '')
    throw new CommandFailure('The sample image is made of busybox, which is missing: run script/bootstrap.')
  return stdout.trim()
}

const buildTree = async (tree: string): Promise<void> => {
  mkdirSync(join(tree, 'bin'))
  copyFileSync(await findBusybox(), join(tree, 'bin', 'busybox'))
  for (const applet of applets) symlinkSync('busybox', join(tree, 'bin', applet))
  writeFileSync(join(tree, 'start'), startScript, { mode: 0o755 })
}

const importTree = async (tree: string): Promise<void> => {
  const tar = spawn('tar', ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '-C', tree, '-c', '.'])
  const docker = spawn(
    'docker',
    ['import', '-c', 'ENV PATH=/bin', '-c', 'CMD ["/start"]', '-', sampleImage],
    {
      stdio: ['pipe', 'ignore', 'inherit'],
    },
  )
  const closed = once(docker, 'close')
  await pipeline(tar.stdout, docker.stdin)
  const [code] = await closed
  if (code !== 0) throw new CommandFailure(`docker import could not make the image ${sampleImage}.`)
}

/** Makes the sample's image on the spot, without any registry. Resolves to false when it was there already. */
export const buildSampleImage = async (): Promise<boolean> => {
  if (await imageExists()) return false
  const tree = mkdtempSync(join(tmpdir(), 'berth-sample-'))
  try {
    await buildTree(tree)
    await importTree(tree)
  } finally {
    rmSync(tree, { recursive: true })
  }
  return true
}
