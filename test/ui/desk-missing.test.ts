import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MissingPage, missingLines } from '../../db/pages-counter.ts'
import { holdOrder, letGoOrder } from '../../src/usecases/change-order.ts'
import { setSubstitutionRules } from '../../src/usecases/substitution-rules.ts'
import { balance, layIn } from '../support/goods.ts'
import { chromium as chromiumPath, suiteWith } from '../support/needs.ts'
import { type Desk, openDesk, toCollect, wrongRules } from './desk-stage.ts'

suiteWith('Chromium', chromiumPath(), 'what a clerk does not find, and nobody else has', program => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(program)
    const { sql, context } = desk.stage
    await layIn(sql, { GLASS: { berlin: 4, lyon: 0 }, CUP: { berlin: 2, lyon: 9 }, JUG: { berlin: 5 } })
    await sql`update variants set gtin = '04006381333948' where sku = 'JUG'`
    await sql`insert into location_services (location_id, collects, actor) select id, true, 'test' from locations where code in ('berlin', 'lyon')`
    await setSubstitutionRules(context, 'r1', {
      sku: 'GLASS',
      channel: null,
      substitutes: [{ sku: 'CUP', automatic: false, abovePercent: null }],
    })
  })
  afterAll(() => desk?.close())

  /** An order of two glasses, of which the clerk finds none. */
  const missed = async (id: string) => {
    const { stage, page, address } = desk
    await layIn(stage.sql, { GLASS: { berlin: 2 } })
    const group = await toCollect(desk, id, [{ sku: 'GLASS', ordered: 2 }], 'Carla Conti', 90, [])
    await page.goto(`${address}/desk#pick`)
    await page.locator(`#group-${group.groupId}`).click()
    await page.getByRole('button', { name: 'Not there' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '2', exact: true }).click()
    await page.getByRole('link', { name: 'Missing' }).click()
    await page.locator('.desk-card', { hasText: id }).click()
    return group
  }
  const post = async (body: object) => {
    const { page, address } = desk
    const headers = { 'x-csrf-token': (await page.locator('#desk').getAttribute('data-csrf')) ?? '' }
    const answer = await page.request.post(`${address}/desk/instead`, { headers, data: body })
    return (await answer.json()) as { done?: string; refused?: string }
  }

  test('other goods that the rules name and that lie there are handed over instead: they stand on the list of the same store, and are picked', async () => {
    const { page, stage } = desk
    const { orderId } = await missed('M-1')
    await page.getByRole('button', { name: 'CUP · 2 here' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '2', exact: true }).click()
    await page.getByText('2 × CUP instead.').waitFor()
    expect(
      await stage.sql`select g.state, l.sku, f.assigned, p.code from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id
      join order_lines l on l.id = f.order_line_id join locations p on p.id = g.location_id where g.order_id = ${orderId} and l.instead_of is not null`,
    ).toEqual([{ state: 'waiting', sku: 'CUP', assigned: 2, code: 'berlin' }])
    await page.getByRole('link', { name: 'To pick' }).click()
    await page.locator('.desk-card', { hasText: 'M-1' }).click()
    await page.getByRole('button', { name: 'All 2' }).click()
    await page.getByText('Everything is picked.').waitFor()
    expect(await balance(stage.sql, 'CUP', 'berlin')).toEqual({ onHand: 2, reserved: 2 })
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Carla')
    expect(await wrongRules(stage)).toEqual(desk.before)
  })

  test('what the buyer chose is scanned; what does not lie in this store is refused, and a lost answer counts once', async () => {
    const { page, stage } = desk
    const { orderId, lineIds } = await missed('M-2')
    await page.getByText('The rules name nothing that lies here.').waitFor()
    await page.keyboard.type('4006381333948\n')
    await page.getByRole('dialog').getByRole('button', { name: '1', exact: true }).click()
    await page.getByText('1 × JUG instead.').waitFor()
    const asked = { store: 'berlin', key: crypto.randomUUID(), orderId, lineId: lineIds[0] ?? 0, code: 'CUP', quantity: 1 }
    expect(await post(asked)).toEqual({ refused: 'Only 0 of it can be given here: nothing was changed.' })
    expect((await post({ ...asked, code: 'JUGS' })).refused).toContain('These goods are not known')
    expect((await post({ ...asked, code: 'JUG', quantity: 2 })).refused).toContain('Less of it is missing by now')
    // Another store, and a line that this store had nothing to do with.
    expect((await post({ ...asked, store: 'lyon' })).refused).toBe('This is not in this store any more.')
    expect((await post({ ...asked, orderId: desk.stage.shortOrderId })).refused).toContain('This could not be done')
    // What the office holds by now is its own, though the desk still shows it.
    await holdOrder(desk.stage.context, null, orderId, { kind: 'fraud' })
    expect((await post({ ...asked, key: crypto.randomUUID(), code: 'JUG' })).refused).toContain('This could not be done')
    await letGoOrder(desk.stage.context, null, orderId, {})
    const jug = { ...asked, key: crypto.randomUUID(), code: 'jug' }
    const first = await post(jug)
    expect(first.done).toContain('1 × JUG instead.')
    expect(await post(jug)).toEqual(first)
    expect(await stage.sql`select substituted, short from order_lines where id = ${lineIds[0] ?? 0}`).toEqual([
      { substituted: 2, short: 0 },
    ])
    expect(await balance(stage.sql, 'JUG', 'berlin')).toEqual({ onHand: 5, reserved: 2 })
    expect(desk.complaints).toEqual([])
    expect(await wrongRules(stage)).toEqual(desk.before)
  })

  test('what is missing comes in pages, each after the line before it, and the desk turns them', async () => {
    const { page, stage } = desk
    const { sql } = stage
    const { orderId, groupId, lineIds } = await missed('M-3')
    // Sixty more lines of that order, which nobody has, either.
    await sql`
      insert into order_lines overriding system value select r.* from order_lines l cross join generate_series(1, 60) n
      cross join lateral jsonb_populate_record(l, jsonb_build_object('id', 800000 + n, 'external_line_id', 'more-' || n, 'title', 'Glass ' || n)) r
      where l.id = ${lineIds[0] ?? 0}`
    await sql`insert into fulfilment_lines (group_id, order_line_id, assigned, released) select ${groupId}, id, 2, 2 from order_lines where order_id = ${orderId} and id > 800000`
    const [place] = await sql<{ id: number }[]>`select id from locations where code = 'berlin'`
    const seen: number[] = []
    for (let after: number | null = 0, pages = 0; after !== null; pages++) {
      const told: MissingPage = await missingLines(sql, place?.id ?? 0, after, 20)
      expect([told.lines.length <= 20, pages < 5]).toEqual([true, true])
      seen.push(...told.lines.map(line => line.lineId))
      after = told.next
    }
    const all = await sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId} and short > 0 order by id`
    expect(seen).toEqual(all.map(line => line.id))
    await page.goto(`${desk.address}/desk#missing`)
    await page.reload()
    await page.getByRole('link', { name: 'Missing 50+' }).waitFor()
    expect(await page.locator('.desk-card').count()).toBe(50)
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('Glass 60').waitFor()
    expect(await page.locator('.desk-card').count()).toBe(11)
    expect(await page.getByRole('button', { name: 'Next page' }).count()).toBe(0)
    await page.getByText('Glass 60').click()
    await page.getByRole('button', { name: 'JUG' }).or(page.getByText('The rules name nothing that lies here.')).waitFor()
    await page.getByRole('link', { name: 'Missing' }).click()
    await page.getByRole('button', { name: 'First page' }).click()
    await page.getByRole('link', { name: 'Missing 50+' }).waitFor()
    await page.getByText('Glass 1', { exact: true }).waitFor()
    // The page that is shown is empty by now: the first one stands there.
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('Glass 60').waitFor()
    await sql`delete from fulfilment_lines where order_line_id > 800000`
    await sql`delete from order_lines where id > 800000`
    await page.getByText('Glass 60').waitFor({ state: 'detached' })
    expect(await page.locator('.desk-card').count()).toBe(1)
    const state = await page.request.get(`${desk.address}/desk/state?store=berlin&after=x`)
    expect(state.status()).toBe(422)
    expect(await wrongRules(stage)).toEqual(desk.before)
  })
})
