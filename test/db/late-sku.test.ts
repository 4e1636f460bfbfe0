import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'

// An order whose SKU nobody knew is kept aside as unmatched. Whatever makes the SKU known takes it up again.

async function keptAside(): Promise<{
  sql: Awaited<ReturnType<typeof freshDatabase>>['sql']
  accountId: number
  states: () => Promise<string[]>
}> {
  const { sql } = await freshDatabase()
  const { accountId } = await quietChannel(sql, 'shop')
  for (const reason of ['unmatched: order 1 is booked, but nobody knows NEW; match the listing', 'unreadable: it is broken'])
    await sql`
      insert into inbox (account_id, source, delivery_id, topic, body, state, reason)
      values (${accountId}, 'webhook', ${reason}, 'order.created', '', 'refused', ${reason})`
  await sql`delete from change`
  const states = async (): Promise<string[]> => (await sql<{ state: string }[]>`select state from inbox order by id`).map(row => row.state)
  return { sql, accountId, states }
}

const product = (sku: string) => ({ handle: sku.toLowerCase(), title: sku, variants: [{ sku, title: sku }] })
const told = { kind: 'inbox', account_id: 1 }

test('a new SKU takes up again what waited for it; one that was there already does not', async () => {
  const { sql, states } = await keptAside()
  await sql`select catalog_put_1(${sql.json({ actor: 'test', mode: 'put', products: [product('NEW')] })})`
  expect(await states()).toEqual(['new', 'refused'])
  expect(await sql`select kind, account_id from change where kind = 'inbox'`).toEqual([told])
  await sql`update inbox set state = 'refused', reason = 'unmatched: of another SKU'`
  await sql`select catalog_put_1(${sql.json({ actor: 'test', mode: 'put', products: [product('NEW')] })})`
  expect(await states()).toEqual(['refused', 'refused'])
})

test('an imported SKU does so too', async () => {
  const { sql, states } = await keptAside()
  await sql`insert into imports (id, kind, name, content_hash, state, options, summary, actor) overriding system value
    values (7, 'catalog', 'x.csv', 'x', 'judged', '{}', '{}', 'test')`
  await sql`insert into import_rows (import_id, row_no, body) values (7, 2, ${sql.json({ handle: 'new', title: 'New', sku: 'NEW' })})`
  await sql`select import_apply_1(7, 10, ${sql.json({ actor: 'test' })})`
  expect(await states()).toEqual(['new', 'refused'])
})

test('a listing that is matched by itself does so for its account only', async () => {
  const { sql, accountId, states } = await keptAside()
  await sql`select catalog_put_1(${sql.json({ actor: 'test', mode: 'put', products: [product('NEW')] })})`
  const other = await quietChannel(sql, 'other')
  await sql`update inbox set state = 'refused', reason = 'unmatched: again' where state = 'new'`
  const seen = { externalId: 'L1', sku: 'NEW', title: 'New', state: 'active', quantity: 1, price: null }
  await sql`select listings_observe_1(${other.accountId}, ${sql.json([{ ...seen, channelRef: 'other' }])}, 'test')`
  expect(await states()).toEqual(['refused', 'refused'])
  await sql`select listings_observe_1(${accountId}, ${sql.json([{ ...seen, channelRef: 'shop' }])}, 'test')`
  expect(await states()).toEqual(['new', 'refused'])
})
