import { berthDomain, resolverAddress } from '@berth/model'
import type { Command, Invocation } from '../command.ts'
import { resolverAnswers } from '../dns/answers.ts'
import { install, isInstalled, remove, systemResolverOf, thisMachine } from '../dns/system-resolver.ts'
import { CommandFailure, UsageError } from '../failures.ts'

const show = async ({ output }: Invocation): Promise<void> => {
  const [answers, system, installed] = await Promise.all([
    resolverAnswers(),
    systemResolverOf(thisMachine),
    isInstalled(thisMachine),
  ])
  output.show({ address: resolverAddress, answers, domain: berthDomain, system, installed }, () => {
    output.line(`Berth's resolver at ${resolverAddress} ${answers ? 'answers' : 'does not answer'}.`)
    output.line(
      installed
        ? `This machine asks it for ${berthDomain} (${system.kind}).`
        : `This machine does not ask it: \`berth dns install\` changes that.`,
    )
  })
}

const actions: Readonly<Record<string, (invocation: Invocation) => Promise<void>>> = {
  status: show,
  install: async invocation => {
    if (!(await resolverAnswers()))
      throw new CommandFailure(
        `No resolver answers for ${berthDomain} at ${resolverAddress}: start Berth (or its agent) on this machine first.`,
      )
    await install(thisMachine)
    await show(invocation)
  },
  remove: async invocation => {
    await remove(thisMachine)
    await show(invocation)
  },
}

export const dns: Command = {
  name: 'dns',
  summary: `Have this machine ask Berth's resolver for names in ${berthDomain}, or no longer`,
  usage: 'install | remove | status',
  options: {},
  positionals: [1, 1],
  run: async invocation => {
    const [name = ''] = invocation.positionals
    const act = actions[name]
    if (!act) throw new UsageError(`Say berth dns install, remove or status, not ${name}.`)
    await act(invocation)
    return 0
  },
}
