import { describe, expect, test } from 'vitest'
import type { JournalEntry, Sandbox } from '../../connectors/sandbox.ts'
import { freshDatabase } from '../support/database.ts'
import { change } from '../support/goods.ts'
import { jobDeps, lanes, testContext } from '../support/hub.ts'
import { changePrices, inStepUnseen } from '../support/long-backlog.ts'
import { isLong } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

const PRICES = isLong ? 100_000 : 10_000
const skus = Array.from({ length: PRICES }, (_, n) => `SKU-${String(n).padStart(6, '0')}`)
/** Far below what real platforms allow: one call a second, so that a busy machine lets none by unseen. */
const SCALE = { amazon: 0.2, woo: 0.2 }
const PUSHES = { amazon: 'patchListingsItem', woo: 'products.batch' }

const journalOf = (sandbox: Sandbox): readonly JournalEntry[] => sandbox.journal(0, 1_000_000)

// Amazon takes one SKU a call, the shop a hundred: the short run plays the harder one.
describe.each(isLong ? (['amazon', 'woo'] as const) : (['amazon'] as const))(
  '%s: while a bulk change of many prices goes out call by call',
  name => {
    test('a SKU that is sold out is shown as such within one further call', async () => {
      const { sql } = await freshDatabase()
      const context = await testContext(sql)
      const { platform, account } = await inStepUnseen(sql, context, skus, name, SCALE[name])
      const pushes = () =>
        journalOf(platform.sandbox).filter(entry => entry.kind === 'call' && [entry.ref, entry.data.operation].includes(PUSHES[name]))
      await changePrices(sql, skus)
      lanes(jobDeps(context))
      await until(
        'all prices wait, and the first are sent',
        async () => {
          const [row] = await sql<
            { n: number }[]
          >`select count(*)::int as n from publications where account_id = ${account} and waiting_since is not null`
          return (row?.n ?? 0) > PRICES / 2 && pushes().length >= 2
        },
        120_000,
      )
      const [last] = await sql<{ sku: string }[]>`
      select l.external_sku as sku from publications p join listings l on l.id = p.listing_id where p.account_id = ${account} and p.waiting_since is not null order by p.loss limit 1`
      const sku = last?.sku ?? ''

      await change(sql, [{ sku, location: 'main', quantity: 0, kind: 'count' }])
      const known = await until('the hub knows', async () => {
        const [row] = await sql<{ at: Date }[]>`
        select h.at from publication_history h join listings l on l.id = h.listing_id
        where l.account_id = ${account} and l.external_sku = ${sku} and h.field = 'stock' and h.event = 'intended' and h.value = '{"quantity": 0}'`
        return row?.at
      })
      const shown = await until('the platform shows it', () =>
        journalOf(platform.sandbox).find(entry => entry.kind === 'quantity' && entry.sku === sku && Number(entry.data.value) === 0),
      )

      const before = pushes().filter(({ seq, at, data }) => data.status === 200 && seq < shown.seq && Date.parse(at) > known.getTime())
      // Amazon's own call stands before its effect.
      expect(before.length - (name === 'amazon' ? 1 : 0)).toBeLessThanOrEqual(1)
    }, 240_000)
  },
)
