import { isLotTracked, type LotAnswer, type LotRow, lotCommand, lotsOfSku, readLot } from '../../db/lots.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

export type LotsTracked = { readonly changed: boolean; readonly token: WriteToken }

/**
 * Switches on or off that the units of a SKU are told apart by lot. On: what is there becomes the lot of no name. Off: lots are forgotten; what is
 * unavailable stays so. Answers whether anything changed, and the write's token. Throws `not_found`, or `conflict` while a count of the SKU is under way.
 */
export async function trackLots(context: Context, key: string | null, sku: string, on: boolean): Promise<LotsTracked> {
  const cmd = { ...command(context, 'lots.track', key, { sku, on }), sku, on }
  const { changed, token } = done(await carryOut(key, () => lotCommand(context.sql, 'lot_tracking_1', cmd)))
  return { changed: changed === true, token }
}

export type LotExpiry = {
  readonly sku: string
  readonly location: string
  readonly lot: string
  /** ISO 8601, null for never. From this instant on its units are unavailable. */
  readonly expiresAt: string | null
}

/**
 * States when a lot expires. Units that were put aside because its time was over come back for sale where it is not over any more. Answers the lot.
 * Throws `not_found` for an unknown SKU, location or lot.
 */
export async function setLotExpiry(
  context: Context,
  key: string | null,
  stated: LotExpiry,
): Promise<{ readonly lot: LotRow; readonly token: WriteToken }> {
  const { sku, location, lot, expiresAt } = stated
  const body = { sku, location, lot, expiresAt }
  const cmd = { ...body, ...command(context, 'lots.set', key, body) }
  const { token } = done(await carryOut(key, () => lotCommand(context.sql, 'lot_set_1', cmd)))
  const row = await readLot(context.sql, sku, location, lot)
  if (row === null) throw new Fault('not_found', `There is no lot ${lot} of ${sku} at ${location}.`, { field: 'lot', value: lot })
  return { lot: row, token }
}

export type SkuLots = { readonly sku: string; readonly tracked: boolean; readonly lots: readonly LotRow[] }

/** The lots of a SKU that hold units. Throws `not_found` for an unknown SKU. */
export async function listLots(context: Context, sku: string): Promise<SkuLots> {
  const tracked = await isLotTracked(context.sql, sku)
  if (tracked === null) throw new Fault('not_found', `There is no SKU ${sku}.`, { field: 'sku', value: sku })
  return { sku, tracked, lots: tracked ? await lotsOfSku(context.sql, sku) : [] }
}

const NAMES: Readonly<Record<string, string>> = { sku: 'SKU' }

function done(answer: LotAnswer): Extract<LotAnswer, { readonly outcome: 'done' }> {
  switch (answer.outcome) {
    case 'done':
      return answer
    case 'unknown':
      throw new Fault(
        'not_found',
        `There is no ${NAMES[answer.field] ?? answer.field} ${String(answer.value)}${answer.field === 'lot' ? ' of it there' : ''}.`,
        {
          field: answer.field,
          value: answer.value,
        },
      )
    case 'counting':
      throw new Fault('conflict', `It is being counted (count ${answer.counts.join(', ')}): decide about that first.`, {
        counts: answer.counts,
      })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
