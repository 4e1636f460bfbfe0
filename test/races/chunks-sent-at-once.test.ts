import { expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import { intend, markSent } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel, heldBack } from '../support/guarded.ts'
import { repetitions } from '../support/repetitions.ts'

const { sql } = await freshDatabase({ max: 20 })

test('chunks that are sent at once let no more through together than the limit of the guard', async () => {
  const times = repetitions('chunks sent at once', 3, 40)
  for (let round = 0; round < times; round++) {
    const shop = await guardedChannel(sql, `race-${round}`, 300)
    await shop.setPrices('9')
    await shop.setStock(4)
    await intend(sql, shop.accountId, null)
    const lease = await holdLease(sql, shop.accountId, 'test', 60_000)
    const rows = await sql<{ listing: number }[]>`select id as listing from listings where account_id = ${shop.accountId} order by random()`
    const chunks = Array.from({ length: 15 }, (_, at) => rows.slice(at * 20, at * 20 + 20))
    const ends = await Promise.all(
      chunks.map(chunk =>
        markSent(
          sql,
          shop.accountId,
          lease?.token ?? 0,
          chunk.flatMap(({ listing }) => [
            { listing, field: 'price' as const },
            { listing, field: 'stock' as const },
          ]),
        ),
      ),
    )
    const sent = ends.flatMap(end => end?.send ?? [])
    expect(sent.filter(one => one.field === 'price').length).toBe(60)
    expect(sent.filter(one => one.field === 'stock').length).toBe(300)
    expect(await heldBack(sql, shop)).toEqual({ changed: 240 })
    expect(ends.flatMap(end => end?.held ?? []).filter(held => held.opened).length).toBe(1)
    // What a process leaves behind that is killed now: the fields are sent again by its successor, and are not counted twice.
    await sql`update publications set state = 'intended', reason_code = 'unknown' where account_id = ${shop.accountId} and state = 'sent'`
    const again = await markSent(
      sql,
      shop.accountId,
      lease?.token ?? 0,
      sent.filter(one => one.field === 'price').map(({ listing }) => ({ listing, field: 'price' })),
    )
    expect(again?.send.length).toBe(60)
  }
})
