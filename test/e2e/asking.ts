/** Clients in network namespaces. */
import { execFile, execFileSync } from 'node:child_process'

const asking = (namespace: string, address: string, port: number): string[] => {
  const script = `const s=require('net').connect(${port},'${address}');s.setTimeout(700,()=>process.exit(1));s.on('error',()=>process.exit(1));s.on('data',d=>{process.stdout.write(d);process.exit(0)})`
  return ['netns', 'exec', namespace, process.execPath, '-e', script]
}

/** What a client in the namespace reads first from there; undefined when nothing comes within a moment. */
export const ask = (namespace: string, address: string, port: number): string | undefined => {
  try {
    return execFileSync('ip', asking(namespace, address, port), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return undefined
  }
}

/** While it is asked, the agents of the hosts go on. */
export const askBeside = (namespace: string, address: string, port: number): Promise<string | undefined> =>
  new Promise(resolve =>
    execFile('ip', asking(namespace, address, port), (error, printed) =>
      resolve(error === null ? printed : undefined),
    ),
  )
