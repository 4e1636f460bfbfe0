import { expect, test } from 'vitest'
import type { JsonValue } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'

const { sql } = await freshDatabase()
const NOW = '2030-01-10T00:00:00Z'

const sale = (amount: string, from: string | null, to: string | null) => ({ amount, from, to })
const eur = (regular: string, one: object | null = null) => ({ currency: 'EUR', regular, sale: one })

/** What each promises on 10 January, by name: documents of one name promise the same. */
const DOCUMENTS: readonly (readonly [string, object | null])[] = [
  ['nothing', null],
  ['ten', eur('10')],
  ['ten', eur('10.00')],
  ['ten', eur('10', sale('8', '2030-01-01T00:00:00Z', '2030-01-09T00:00:00Z'))],
  ['eleven', eur('11')],
  ['ten dollars', { ...eur('10'), currency: 'USD' }],
  ['eight until the 20th', eur('10', sale('8', null, '2030-01-20T00:00:00Z'))],
  ['eight until the 20th', eur('10.0', sale('8.00', '2030-01-05T00:00:00Z', '2030-01-20T00:00:00Z'))],
  ['eight from the 15th', eur('10', sale('8', '2030-01-15T00:00:00Z', '2030-01-20T00:00:00Z'))],
  ['eight for good', eur('10', sale('8', null, null))],
]

test('two price documents differ just where they promise something else: not by how a number is written, a sale that is over, or one that has begun', async () => {
  const pairs = DOCUMENTS.flatMap(([name, one]) =>
    DOCUMENTS.map(([other, two]) => ({ one, two, differs: name !== other, name: `${name}, ${other}` })),
  )
  const rows = await sql<{ name: string; differs: boolean; promises: boolean }[]>`
    select x.name, price_differs(nullif(x.one, 'null'), nullif(x.two, 'null'), ${NOW}) as differs,
      price_promise(nullif(x.one, 'null'), ${NOW}) <> price_promise(nullif(x.two, 'null'), ${NOW}) as promises
    from jsonb_to_recordset(${sql.json(pairs as unknown as JsonValue)}) x(name text, one jsonb, two jsonb)`
  expect(rows.map(({ name, differs }) => ({ name, differs }))).toEqual(pairs.map(({ name, differs }) => ({ name, differs })))
  expect(rows.every(row => row.differs === row.promises)).toBe(true)
})
