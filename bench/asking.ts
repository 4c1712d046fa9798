/** Asks a Berth over and over: signed and sent by hand, since an SDK's client takes from the containers what it costs. */
import { type Berth, region, root } from '../test/e2e/berth.ts'
import { HttpConnection } from './http-load.ts'
import { polled } from './measure.ts'
import { RequestSigner } from './signed-requests.ts'

export type Ask = <Answer>(operation: string, input: object) => Promise<Answer>

/** Asks every `everyMs` until `isSo` says that it is so. */
export const askedUntil = async (
  berth: Berth,
  isSo: (ask: Ask) => Promise<boolean>,
  everyMs: number,
): Promise<void> => {
  const signer = new RequestSigner({ host: `127.0.0.1:${berth.port}`, region, ...root })
  const connection = await HttpConnection.open(berth.port)
  const ask: Ask = async (operation, input) =>
    JSON.parse((await connection.call(signer.call(operation, input))).toString())
  try {
    await polled(() => isSo(ask), everyMs)
  } finally {
    connection.close()
  }
}
