import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { flashOf, type Person, send, setUiStage, type UiStage, visit } from './stage.ts'
import { lastId, lineIds, wrongs } from './stock-stage.ts'

let stage: UiStage
let clerk: Person
beforeAll(async () => {
  stage = await setUiStage()
  clerk = await stage.person('clerk')
})
afterAll(() => close(stage.sql, 1))

describe('a delivery', () => {
  const fields = { supplier: 'Keramik', location: 'lyon', expectedAt: '2027-01-10', currency: 'EUR', note: '' }

  test('that is open is changed: another day, other units, a cost, further goods; what is deleted stays', async () => {
    await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-4', lines: 'PEN 5 2.10\nMUG 4' })
    const id = await lastId(stage, 'deliveries')
    const here = `/stock/deliveries/${id}/change`
    await stage.sql`update deliveries set expected_at = '2027-01-10T08:30:00Z' where id = ${id}`
    const said = async (lines: string, expectedAt = '2027-01-10') => {
      const page = await send(stage, here, clerk, { lines, expectedAt, currency: 'EUR' })
      return flashOf(page.html) + wrongs(page.html).join()
    }
    expect((await visit(stage, `/stock/deliveries/${id}`, clerk)).html).toContain('>PEN 5 2.1\nMUG 4</textarea>')
    expect(await said('PEN 5 2.10\nMUG 4')).toContain('Nothing is different: change the day, the units or a cost.')
    expect(await said('PEN 7 2.10\nATTACK 1')).toBe('Delivery PO-4: 12 units to come, expected on 2027-01-10.')
    expect(await said('MUG 4 9.90', '2027-02-01')).toBe('Delivery PO-4: 12 units to come, expected on 2027-02-01.')
    expect(
      await stage.sql`
        select v.sku, l.ordered, trim_scale(l.unit_cost)::text as cost, d.expected_at as "expectedAt"
        from delivery_lines l join variants v on v.id = l.variant_id join deliveries d on d.id = l.delivery_id where d.id = ${id} order by l.id`,
    ).toMatchObject([
      { sku: 'PEN', ordered: 7, cost: '2.1', expectedAt: new Date('2027-02-01T00:00:00Z') },
      { sku: 'MUG', ordered: 4, cost: '9.9' },
      { sku: 'ATTACK', ordered: 1, cost: null },
    ])
    const lines = await lineIds(stage, 'delivery', id)
    await send(stage, `/stock/deliveries/${id}/receive`, clerk, { [`units:${lines.PEN}`]: '6' })
    expect(await said('PEN 3')).toContain('PEN: 6 came or were cancelled already, so at least 6 were ordered.')
    expect(await said('GHOST 3')).toContain('There is no SKU GHOST.')
    const chinese = { ...clerk, cookie: `${clerk.cookie}; concord_language=zh-CN` }
    const few = await send(stage, here, chinese, { lines: 'PEN 3', expectedAt: '2027-02-01', currency: 'EUR' })
    expect(wrongs(few.html)).toEqual(['PEN：已收或已取消 6 件，订购数不能少于 6。'])
    await send(stage, `/stock/deliveries/${id}/end`, clerk, { act: 'close' })
    expect(await said('PEN 9')).toContain('Delivery PO-4 has ended already')
  })

  test('is received at another cost than its line says, in the currency of the line or the one that is typed', async () => {
    await stage.sql`delete from variant_costs`
    await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-5', lines: 'PEN 4 2.10\nATTACK 4' })
    const id = await lastId(stage, 'deliveries')
    const lines = await lineIds(stage, 'delivery', id)
    const here = `/stock/deliveries/${id}/receive`
    const typed = (cost: string, more: Record<string, string> = {}) =>
      send(stage, here, clerk, {
        [`units:${lines.PEN}`]: '2',
        [`cost:${lines.PEN}`]: cost,
        [`units:${lines.ATTACK}`]: '1',
        [`cost:${lines.ATTACK}`]: '1.5',
        currency: 'EUR',
        ...more,
      })
    expect(wrongs((await typed('cheap')).html)).toEqual([expect.stringContaining('What one PEN cost: “cheap” is not an amount.')])
    expect(wrongs((await typed('2.60', { currency: 'euro' })).html)).toEqual([expect.stringContaining('“EURO” is not a currency.')])
    expect(flashOf((await typed('2.60')).html)).toBe('Delivery PO-5: 3 units received at lyon, 5 to come. The channels follow.')
    const costs = () => stage.sql`
      select v.sku, m.unit_cost::float8 as cost, m.cost_currency as currency from movements m join variants v on v.id = m.variant_id
      where m.cause_kind = 'delivery' and m.cause_id = ${id} and m.on_hand > 0 order by m.id`
    expect(await costs()).toEqual([
      { sku: 'PEN', cost: 2.6, currency: 'EUR' },
      { sku: 'ATTACK', cost: 1.5, currency: 'EUR' },
    ])
    // As its line says, where nothing else was typed.
    await send(stage, here, clerk, { [`units:${lines.PEN}`]: '2', [`cost:${lines.PEN}`]: '2.1', [`units:${lines.ATTACK}`]: '' })
    expect((await costs()).at(-1)).toEqual({ sku: 'PEN', cost: 2.1, currency: 'EUR' })
    await send(stage, `/stock/deliveries/${id}/end`, clerk, { act: 'close' })
  })
})
