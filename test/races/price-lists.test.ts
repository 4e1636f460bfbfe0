import { beforeAll, expect, test } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { type PriceListCommands, priceListCommand } from '../../db/price-lists.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'

let sql: Sql
beforeAll(async () => {
  ;({ sql } = await freshDatabase())
  await layIn(sql, { MUG: {} })
})

const run = (name: keyof PriceListCommands, list: string, more: Record<string, JsonValue>) =>
  priceListCommand(sql, name, { list, actor: 'ana', ...more }) as Promise<Record<string, unknown>>
const over = (baseList: string) => ({ entries: [{ all: true, rule: 'percent', over: 'list', baseList, value: '-5' }] })
const outcomes = (answers: readonly Record<string, unknown>[]) => answers.map(answer => answer.outcome).sort()

test('two lists that are leaned on each other at the same moment form no circle: one of them is refused', async () => {
  for (let turn = 0; turn < 20; turn++) {
    const [one, other] = [`one-${turn}`, `other-${turn}`]
    for (const list of [one, other]) await run('price_list_set_1', list, { terms: { currency: 'EUR' } })
    const answers = await Promise.all([run('price_list_entries_1', one, over(other)), run('price_list_entries_1', other, over(one))])
    expect(outcomes(answers)).toEqual(['cycle', 'done'])
  }
})

test('what is written while somebody approves is either approved with it or makes it stale, never approved unseen', async () => {
  for (let turn = 0; turn < 20; turn++) {
    const list = `seen-${turn}`
    await run('price_list_set_1', list, { terms: { currency: 'EUR', fourEyes: true } })
    await run('price_list_entries_1', list, { entries: [{ sku: 'MUG', rule: 'fixed', value: '9' }] })
    const [row] = await sql<{ version: number }[]>`select price_list_version(${list}) as version`
    const [approved] = await Promise.all([
      run('price_list_approve_1', list, { version: row?.version ?? 0, actor: 'bob' }),
      run('price_list_entries_1', list, { entries: [{ sku: 'MUG', rule: 'fixed', value: '1' }] }),
    ])
    const standing = await sql`
      select trim_scale(value)::text as value, approved_by from price_entries e join price_lists l on l.id = e.list_id
      where l.code = ${list} and e.valid_from is not null and e.valid_to is null`
    expect(standing).toEqual(approved.outcome === 'done' ? [{ value: '9', approved_by: 'bob' }] : [])
    expect(['done', 'stale']).toContain(approved.outcome)
  }
})

test('of two who approve the same version at once, one does', async () => {
  await run('price_list_set_1', 'twice', { terms: { currency: 'EUR' } })
  const [row] = await sql<{ version: number }[]>`select price_list_version('twice') as version`
  const approve = () => run('price_list_approve_1', 'twice', { version: row?.version ?? 0 })
  expect(outcomes(await Promise.all([approve(), approve(), approve()]))).toEqual(['done', 'stale', 'stale'])
})
