import { pino } from 'pino'
import { expect, test } from 'vitest'
import { applyNextStock } from '../../db/stock-imports.ts'
import { takeUpImports } from '../../jobs/imports.ts'
import { uploadStock } from '../../src/usecases/import-stock.ts'
import { freshDatabase } from '../support/database.ts'
import { contextOf, stockFileOf } from '../usecases/import-support.ts'

const ROWS = 1_200
const { sql } = await freshDatabase()
const context = await contextOf(sql)
await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse')`
await sql`insert into products (handle, title) values ('bulk', 'Bulk')`
await sql`insert into variants (product_id, sku, title) select p.id, 'S' || n, 'S' from products p, generate_series(1, ${ROWS}::int) n`

const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000)
const units = async (): Promise<number> => (await sql`select coalesce(sum(on_hand), 0)::int as units from balances`)[0]?.units

/** A file of which a first part was applied before its process died; answers its number. */
async function left(quantity: number, mode: 'absolute' | 'delta'): Promise<number> {
  const lines = Array.from({ length: ROWS }, (_, index) => `S${index + 1},MAIN,${quantity}\n`)
  const { id } = await uploadStock(context, stockFileOf(`sku,location,quantity\n${lines.join('')}`, { defaults: { mode } }))
  expect(await applyNextStock(sql, id, 500, { actor: 'test' })).toMatchObject({ state: 'applying', took: expect.any(Number) })
  return id
}

test('a stock file whose process died goes on after two minutes, each row once; numbers of an hour ago do not, differences do', async () => {
  const deps = { sql, keyring: context.keyring, log: pino({ level: 'silent' }) }
  const first = await left(4, 'absolute')
  expect(await takeUpImports(deps, inMinutes(1))).toEqual([])
  expect(await units()).toBeLessThan(ROWS * 4)
  expect(await takeUpImports(deps, inMinutes(3))).toEqual([first])
  expect(await units()).toBe(ROWS * 4)
  // As whoever sent it.
  expect(await sql`select distinct actor from movements order by actor`).toEqual([{ actor: 'cli:test' }, { actor: 'test' }])

  const stale = await left(9, 'absolute')
  expect(await takeUpImports(deps, inMinutes(61))).toEqual([])
  expect(await sql`select state, summary->>'ended' as ended from imports where id = ${stale}`).toEqual([
    { state: 'refused', ended: 'interrupted more than an hour ago: its numbers are not those of now' },
  ])
  const before = await units()
  const differences = await left(1, 'delta')
  expect(await takeUpImports(deps, inMinutes(61))).toEqual([differences])
  expect(await units()).toBe(before + ROWS)
})
