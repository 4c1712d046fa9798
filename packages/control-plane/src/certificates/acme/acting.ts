/** What every step with an ACME authority needs: its connection, rows, and keys, which are sealed in the rows. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Log } from '../../log.ts'
import type { AcmeAccountRow, AcmeSettings, Refusal } from '../../services/acm/index.ts'
import type { Encryption } from '../../services/encryption.ts'
import type { Millis, Row, Table } from '../../store/table.ts'
import type { View } from '../../store/view.ts'
import { AcmeConnection } from './connection.ts'
import { AcmeProblem } from './problem.ts'

export interface AcmePerformersParts {
  readonly store: View
  readonly encryption: Encryption
  readonly log: Log
  readonly now: () => Millis
}

export class Acting {
  readonly settings: AcmeSettings
  readonly connection: AcmeConnection
  readonly #parts: AcmePerformersParts

  constructor(settings: AcmeSettings, parts: AcmePerformersParts) {
    this.settings = settings
    this.connection = new AcmeConnection(settings, parts.now)
    this.#parts = parts
  }

  seal(privateKey: string, boundTo: string): string {
    return this.#parts.encryption.encrypt(Buffer.from(privateKey), boundTo)
  }

  open(sealed: string, boundTo: string): string {
    return Buffer.from(this.#parts.encryption.decrypt(sealed, boundTo)).toString()
  }

  found<R extends Row>(table: Table<R>, id: string): R {
    const row = this.#parts.store.get(table, id)
    if (!row) throw new Error(`There is no ${id}`)
    return row
  }

  keyOf({ id, encryptedPrivateKey }: AcmeAccountRow): KeyObject {
    return createPrivateKey(this.open(encryptedPrivateKey, id))
  }

  /** A refusal is a result: the reconcilers say what comes of it. */
  async orRefusal<T>(id: string, work: () => Promise<T>): Promise<T | Refusal> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AcmeProblem)) throw error
      const { type, message: detail, retryAfterMs } = error
      this.#parts.log.warn({ id, type, detail, retryAfterMs }, 'The authority for certificates refuses')
      return { refused: { type, detail, retryAfterMs } }
    }
  }
}
