/**
 * Terraform with the AWS provider, as a user of both runs it: the configurations of `terraform/`. The provider comes from
 * a mirror (https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror), as tests download nothing.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DescribeServicesCommand, ListServicesCommand } from '@aws-sdk/client-ecs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Berth, root } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'

const run = promisify(execFile)
const configurations = join(import.meta.dirname, 'terraform')

const { PATH = '', BERTH_TERRAFORM_MIRROR: mirror } = process.env

const onPath = (program: string): boolean => PATH.split(':').some(folder => existsSync(join(folder, program)))

/** What is missing on this machine, if anything is. */
const missing = (): string | undefined => {
  if (!onPath('terraform')) return 'terraform is not installed'
  if (mirror === undefined) return 'BERTH_TERRAFORM_MIRROR names no mirror with the provider hashicorp/aws'
  return existsSync(mirror) ? undefined : `${mirror} is not there`
}

/** Terraform in a directory of its own, which knows nothing of this machine's user. */
class Terraform {
  readonly directory = mkdtempSync(join(tmpdir(), 'berth-terraform-'))
  readonly #environment: NodeJS.ProcessEnv
  #provider: ChildProcess | undefined

  constructor(endpoint: string) {
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
      TF_VAR_endpoint: endpoint,
      TF_VAR_image: busybox,
    }
    cpSync(configurations, this.directory, { recursive: true })
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

/** What the provider can tell whole from what Berth answers; of a service it imports the revision by its name. */
const imports = {
  'aws_ecs_account_setting_default.insights': 'containerInsights',
  'aws_ecs_cluster.empty': 'empty',
  'aws_ecs_service.external': 'default/external',
  'aws_ecs_service.plain': 'default/plain',
  'aws_ecs_tag.team': 'arn:aws:ecs:us-east-1:000000000000:cluster/default,team',
  'aws_ecs_task_definition.full': 'arn:aws:ecs:us-east-1:000000000000:task-definition/full:2',
}

const problem = missing()

describe.skipIf(problem !== undefined)(`Terraform${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let berth: Berth
  let terraform: Terraform
  beforeEach(async () => {
    makeBusyboxImage()
    berth = await Berth.start({ server: { BERTH_TASK_SETTLE_MS: '100' } })
    terraform = new Terraform(berth.endpoint)
    await terraform.init()
  })
  afterEach(async () => {
    await terraform?.end()
    await berth?.stop()
  })

  const change = (release: number): Promise<string> =>
    terraform.do('apply', '-auto-approve', '-var', `release=${release}`)
  const plan = (release: number): Promise<string> => terraform.do('plan', '-var', `release=${release}`)
  const noChanges = 'No changes. Your infrastructure matches the configuration.'

  it('makes, sees no drift, changes in place, imports and destroys what ECS has', async () => {
    expect(await change(1)).toContain('Apply complete! Resources: 13 added, 0 changed, 0 destroyed.')
    expect(await plan(1)).toContain(noChanges)

    // Another revision of a task definition, and a task set of it, take the place of what was there.
    expect(await change(2)).toContain('Apply complete! Resources: 3 added, 9 changed, 3 destroyed.')
    const services = ['rolling', 'external']
    const described = await berth.ecs.send(new DescribeServicesCommand({ services }))
    expect(described.services?.map(({ desiredCount, runningCount }) => [desiredCount, runningCount])).toEqual(
      [
        [3, 3],
        [2, 2],
      ],
    )

    await terraform.forget(Object.keys(imports))
    terraform.import(imports)
    expect(await change(2)).toContain(
      `Apply complete! Resources: ${Object.keys(imports).length} imported, 0 added, 0 changed, 0 destroyed.`,
    )

    await terraform.do('destroy', '-auto-approve', '-refresh=false', '-var', 'release=2')
    expect((await berth.ecs.send(new ListServicesCommand({}))).serviceArns).toEqual([])
  }, 600_000)
})
