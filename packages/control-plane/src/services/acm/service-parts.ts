import type { AnyTable } from '../../store/table.ts'
import type { Change, View } from '../../store/view.ts'
import type { Encryption } from '../encryption.ts'
import type { AcmeSettings } from './acme/settings.ts'

/** Where certificates are used: the services that do so say it. */
export interface CertificateUses {
  readonly table: AnyTable
  /** The certificates that a change of the table concerns. */
  readonly concerned: (change: Change) => readonly string[]
  /** The ARNs of what uses a certificate. */
  readonly usedBy: (view: View, certificateArn: string) => readonly string[]
  /** Whether anything could answer an authority that asks by HTTP. */
  readonly canAnswer: (view: View) => boolean
}

/** What the operations need besides the rows. */
export interface AcmParts {
  readonly encryption: Encryption
  readonly uses: CertificateUses
  /** Absent: Berth's own authority issues every certificate. */
  readonly acme?: AcmeSettings | undefined
}
