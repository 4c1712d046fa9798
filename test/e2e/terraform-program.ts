/**
 * Terraform with the AWS provider, as a user of both runs it. The provider comes from a mirror
 * (https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror), as tests download nothing.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './berth.ts'

const run = promisify(execFile)

const { PATH = '', BERTH_TERRAFORM_MIRROR: mirror } = process.env

const onPath = (program: string): boolean => PATH.split(':').some(folder => existsSync(join(folder, program)))

/** What is missing on this machine, if anything is. */
export const missingForTerraform = (): string | undefined => {
  if (!onPath('terraform')) return 'terraform is not installed'
  if (mirror === undefined) return 'BERTH_TERRAFORM_MIRROR names no mirror with the provider hashicorp/aws'
  return existsSync(mirror) ? undefined : `${mirror} is not there`
}

/** Terraform in a directory of its own, which knows nothing of this machine's user. */
export class Terraform {
  readonly directory = mkdtempSync(join(tmpdir(), 'berth-terraform-'))
  readonly #environment: NodeJS.ProcessEnv
  #provider: ChildProcess | undefined

  /** `configuration`: a folder beside this file. */
  constructor(configuration: string, variables: Readonly<Record<string, string>>) {
    const file = join(this.directory, 'terraform.rc')
    const path = JSON.stringify(mirror)
    writeFileSync(file, `provider_installation {\n  filesystem_mirror { path = ${path} }\n}\n`)
    this.#environment = {
      PATH,
      HOME: this.directory,
      TMPDIR: this.directory,
      TF_CLI_CONFIG_FILE: file,
      TF_IN_AUTOMATION: '1',
      TF_CLI_ARGS: '-no-color',
      CHECKPOINT_DISABLE: '1',
      AWS_ACCESS_KEY_ID: root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])),
    }
    cpSync(join(import.meta.dirname, configuration), this.directory, { recursive: true })
  }

  /** What it prints; fails with that when it fails. */
  async do(...args: string[]): Promise<string> {
    const options = { cwd: this.directory, env: this.#environment, maxBuffer: 64 * 1024 * 1024 }
    return run('terraform', args, options).then(
      ({ stdout }) => stdout,
      ({ code, stdout, stderr }) => {
        throw new Error(`terraform ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
      },
    )
  }

  /**
   * Fetches the provider, and starts it once for all commands: its start takes seconds of processor time, and each
   * command would do it several times. (Terraform: "Debugging Providers", TF_REATTACH_PROVIDERS)
   */
  async init(): Promise<void> {
    await this.do('init')
    const only = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '')
    const folder = only(
      only(join(this.directory, '.terraform/providers/registry.terraform.io/hashicorp/aws')),
    )
    const program = readdirSync(folder).find(name => name.startsWith('terraform-provider-aws')) ?? ''
    this.#provider = spawn(join(folder, program), ['-debug'], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    for await (const chunk of this.#provider.stdout ?? []) {
      output += chunk
      const address = /TF_REATTACH_PROVIDERS='(.*)'/.exec(output)?.[1]
      if (address === undefined) continue
      this.#environment['TF_REATTACH_PROVIDERS'] = address
      return
    }
    throw new Error(`the provider ended:\n${output}`)
  }

  /** The variable `release` says which of the configuration's two forms is wanted. */
  apply(release: number): Promise<string> {
    return this.do('apply', '-auto-approve', '-var', `release=${release}`)
  }

  plan(release: number): Promise<string> {
    return this.do('plan', '-var', `release=${release}`)
  }

  /** They stay as they are, but Terraform knows nothing of them any more. */
  async forget(addresses: readonly string[]): Promise<void> {
    await this.do('state', 'rm', ...addresses)
  }

  /** The next apply takes what is there into its state. */
  import(ids: Readonly<Record<string, string>>): void {
    const blocks = Object.entries(ids).map(([to, id]) => `import {\n  to = ${to}\n  id = "${id}"\n}\n`)
    writeFileSync(join(this.directory, 'imports.tf'), blocks.join(''))
  }

  async end(): Promise<void> {
    if (this.#provider?.exitCode === null && this.#provider.kill('SIGKILL'))
      await once(this.#provider, 'exit')
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export const noChanges = 'No changes. Your infrastructure matches the configuration.'
