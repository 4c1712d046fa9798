import { GetCertificateAuthorityCommand } from '@berth/client'
import { berthClient, talking } from '../clients.ts'
import type { Command } from '../command.ts'
import { CommandFailure } from '../failures.ts'

export const ca: Command = {
  name: 'ca',
  summary: "Print the certificate of Berth's own certificate authority, for clients to trust",
  usage: '',
  options: {},
  positionals: [0, 0],
  run: async ({ configuration, output }) => {
    const client = berthClient(configuration)
    const { certificateAuthority } = await talking(configuration, () =>
      client.send(new GetCertificateAuthorityCommand({})),
    )
    const { certificate } = certificateAuthority ?? {}
    if (certificate === undefined)
      throw new CommandFailure(
        'There is no certificate authority yet: it is made when the first certificate is requested (aws acm request-certificate).',
      )
    output.show(certificateAuthority ?? {}, () => output.line(certificate.trimEnd()))
    return 0
  },
}
