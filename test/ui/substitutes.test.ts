import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { layIn } from '../support/goods.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
})
afterAll(() => close(stage.sql, 1))

type Row = readonly [sku: string, automatic?: 'yes' | 'no', abovePercent?: string]
const state = (rows: readonly Row[], channel = '') =>
  send(stage, '/skus/PEN/substitutes', ana, {
    channel,
    ...Object.fromEntries(
      rows.flatMap(([sku, automatic = 'no', percent = ''], n) => [
        [`sku-${n}`, sku],
        [`automatic-${n}`, automatic],
        [`abovePercent-${n}`, percent],
      ]),
    ),
  })

test('what may be handed over instead of a SKU is stated on its page, each by itself, and what cannot be is said at its field', async () => {
  expect((await visit(stage, '/skus/PEN', ana)).html).toContain('Nothing may be handed over instead of it.')
  expect(flashOf((await state([['PEN']])).html)).toContain('PEN cannot stand in for itself.')
  const unknown = await state([['MUG', 'yes', '3'], [''], ['NONE']])
  expect(flashOf(unknown.html)).toContain('There is no SKU NONE.')
  expect(/name="sku-2"[^>]*/.exec(unknown.html)?.[0]).toContain('aria-invalid="true"')
  expect(unknown.html).toContain('name="abovePercent-0" class="number" value="3"')
  expect(flashOf((await state([['MUG', 'no', 'x']])).html)).toContain('“x” is no per cent')
  expect(flashOf((await state([['MUG'], ['MUG']])).html)).toContain('MUG stands there twice.')
  const given: readonly Row[] = [[''], ['MUG', 'no', '12.5'], ['ATTACK', 'yes']]
  const saved = await state(given)
  expect(flashOf(saved.html)).toBe('Instead of PEN: MUG, ATTACK.')
  expect(
    await stage.sql`select s.sku, r.automatic, r.above_percent::float as percent from substitution_rules r
    join variants s on s.id = r.substitute_id where r.valid_to is null order by r.position`,
  ).toEqual([
    { sku: 'MUG', automatic: false, percent: 12.5 },
    { sku: 'ATTACK', automatic: true, percent: null },
  ])
  expect(saved.html).toContain('name="sku-1" value="ATTACK"')
  expect(saved.html.match(/name="sku-\d+"/g)).toHaveLength(4)
  expect(flashOf((await state(given)).html)).toBe('PEN: this was so already; nothing changed.')
  const own = await state([['ATTACK', 'yes', '5']], 'shop')
  expect(own.html).toContain('at most 5 % dearer')
  expect(flashOf((await state([], 'shop')).html)).toBe('PEN: nothing is handed over instead any more.')
  await state([['MUG'], ['ATTACK']])
})

test('an order that is short has it as its next step, with a button, and tells afterwards what is handed over instead of what', async () => {
  const list = await visit(stage, '/orders/exceptions', ana)
  expect(list.html).toContain('The rules allow MUG instead: 2 there.')
  const path = `/orders/${stage.shortOrderId}`
  const [line] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${stage.shortOrderId}`
  expect((await visit(stage, path, ana)).html).toContain('By the rules: MUG (12 there)')
  const give = (fields: Readonly<Record<string, string>>) =>
    send(stage, `${path}/substitute`, ana, { line: String(line?.id), sku: 'MUG', units: '1', reason: 'she agreed', ...fields })
  expect(flashOf((await give({ units: '9' })).html)).toContain('9 are more than are short.')
  expect(flashOf((await give({ sku: 'PEN' })).html)).toContain('PEN is what was sold, or is handed over already.')
  const given = await give({})
  expect(flashOf(given.html)).toBe('Order A-2: 1 unit of MUG instead.')
  expect(given.html).toContain('instead of PEN')
  expect(given.html).toContain('1 unit more: handed over as something else, below')
  expect(given.html).toContain('1 × MUG instead of PEN')

  const deed = `substitute:${stage.shortOrderId}:${line?.id}:MUG`
  expect((await visit(stage, '/orders/exceptions', ana)).html).toContain(`value="${deed}"`)
  expect(flashOf((await send(stage, '/orders/exceptions', ana, { do: deed })).html)).toContain('1 unit of MUG')
  expect(flashOf((await send(stage, '/orders/exceptions', ana, { do: deed })).html)).toContain('Nothing of it is short any more.')
  expect((await visit(stage, '/orders/exceptions', ana)).html).toContain('Every order goes on by itself.')
})

test('all rules stand on pages of their own, each with the way to its SKU, in both languages', async () => {
  await stage.sql`delete from substitution_rules`
  expect((await visit(stage, '/orders/instead', ana)).html).toContain('Nothing may be handed over instead of anything.')
  const skus = Array.from({ length: 51 }, (_, n) => `RULE-${String(n).padStart(2, '0')}`)
  await layIn(stage.sql, Object.fromEntries(skus.map(sku => [sku, { berlin: 0 }])))
  await stage.sql`
    insert into substitution_rules (variant_id, position, substitute_id, automatic, actor)
    select v.id, 1, (select id from variants where sku = 'MUG'), true, 'test' from variants v where v.sku like 'RULE-%'`
  const first = await visit(stage, '/orders/instead', ana)
  expect(first.html.match(/id="rule--RULE-/g)).toHaveLength(50)
  const next = /href="(\/orders\/instead\?after=[^"]+)"/.exec(first.html)?.[1] ?? ''
  const second = await visit(stage, next, ana, { cookie: 'concord_language=zh-CN' })
  expect(second.html.match(/id="rule-[^"]*"/g)).toEqual(['id="rule--RULE-50"'])
  expect(textOf(second.html)).toContain('自动替代')
  expect(second.html).toContain('href="/orders/instead"')
  expect(englishLeft(second.html, [])).toEqual([])
})
