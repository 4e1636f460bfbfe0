import type { Availability } from '../../src/usecases/availability-now.ts'
import { quietChannel } from '../support/goods.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import type { Shot } from './load.ts'
import { layInPlenty, skuOf } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const SKUS = 10_000
const TIMES = 20

/** What one channel should show of 10,000 SKUs, in one request, against a plain select of the rows that it follows from, by the same client library. */
export async function availabilityBulk(stage: Stage): Promise<Measured> {
  const { sql } = stage
  const skus = Array.from({ length: SKUS }, (_, n) => skuOf(n))
  await layInPlenty(stage, SKUS)
  await quietChannel(sql, 'shop')
  await sql`update balances set on_hand = (variant_id * 7919) % 1000`
  await sql`analyze`
  const api = await stage.serveApi()
  const select = () => sql`
    select v.sku, b.on_hand, b.reserved, b.unavailable, b.safety_stock from variants v join balances b on b.variant_id = v.id
    where v.sku = any(${skus}::text[]) order by v.sku`
  const shot: Shot = {
    ...{ method: 'POST', path: '/v1/availability', body: JSON.stringify({ skus, channels: ['shop'] }) },
    headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
  }
  const ask = Array.from({ length: TIMES }, () => shot)
  const differences = await compare(api.origin, shot, await select())
  const { read, plain, words } = await inTurns(3, {
    plain: async () => {
      const beganAt = performance.now()
      for (let n = 0; n < TIMES; n++) await select()
      return (TIMES * SKUS * 1000) / (performance.now() - beganAt)
    },
    read: async () => {
      const result = await stage.load.run({ origin: api.origin, clients: 1, shots: ask, warmMs: 0, measureMs: null, keyPrefix: null })
      if (result.refusal !== null) throw new Error(`a request was refused: ${result.refusal}`)
      return (result.count * SKUS) / result.seconds
    },
  })
  const ratio = read / plain
  const criteria = { ratio: atLeast(0.5, ratio), differences: atMost(0, differences) }
  return { line: lineOf({ name: 'availability-bulk', value: read, unit: 'rows/s', yardstick: plain, ratio, criteria }), notes: [words] }
}

/** How many SKUs the answer tells otherwise than the rows. */
async function compare(origin: string, { path, headers, body }: Shot, rows: readonly Readonly<Record<string, unknown>>[]): Promise<number> {
  const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body })
  const { items } = (await answer.json()) as Availability
  return (
    rows.filter((row, n) => items[n]?.sku !== row.sku || items[n]?.channels?.[0]?.shown !== row.on_hand).length +
    Math.abs(items.length - rows.length)
  )
}
