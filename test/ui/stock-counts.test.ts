import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { change } from '../support/goods.ts'
import { buckets } from '../support/supply.ts'
import { flashOf, numbersOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { lastId, lineIds, wrongs } from './stock-stage.ts'

let stage: UiStage
let ana: Person
let clerk: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  clerk = await stage.person('clerk')
})
afterAll(() => close(stage.sql, 1))

describe('a count', () => {
  test('is blind: whoever counts is never told what the books say, not even of lines that were counted', async () => {
    await change(stage.sql, [{ sku: 'MUG', location: 'berlin', quantity: 8317, kind: 'count' }])
    const started = await send(stage, '/stock/counts', clerk, { location: 'berlin', skus: 'MUG\nPEN', note: 'Shelf A' })
    const id = await lastId(stage, 'counts')
    expect(textOf(started.html)).toContain(`Count ${id} of berlin started: 2 to count.`)
    const here = `/stock/counts/${id}`
    const one = await send(stage, `${here}/scan`, clerk, { code: 'mug', add: '1', lot: '' })
    expect(textOf(/id="count-live".*?<\/section>/s.exec(one.html)?.[0] ?? '')).toContain('MUG: 1 counted')
    await send(stage, `${here}/scan`, clerk, { code: 'MUG', add: '1', lot: '' })
    const three = await send(stage, `${here}/line`, clerk, { sku: 'MUG', add: '1' })
    expect(textOf(three.html)).toContain('MUG: 3 counted')
    const nothing = await send(stage, `${here}/scan`, clerk, { code: '999', add: '1', lot: '' })
    expect(textOf(nothing.html)).toContain('No SKU or barcode 999. Enter the SKU by hand, or add it to the catalog first.')
    const below = await send(stage, `${here}/line`, clerk, { sku: 'MUG', add: '-5' })
    expect(textOf(below.html)).toContain('More cannot be taken back than was counted so far.')
    for (const who of [clerk, ana]) {
      for (const path of [here, `${here}?all=yes`])
        expect((await visit(stage, path, who)).html.replace(/value="[0-9a-f-]{36}"/g, '')).not.toContain('8317')
    }
    const early = await send(stage, `${here}/decide-all`, ana, { deed: 'approve', reasonCode: 'miscount' })
    expect(textOf(early.html)).toContain('This count is still being counted: hand it in first.')
  })

  test('is handed in, sent back in part, and approved by somebody else, line by line or as a whole', async () => {
    const id = await lastId(stage, 'counts')
    const here = `/stock/counts/${id}`
    const lines = await lineIds(stage, 'count', id)
    const handed = await send(stage, `${here}/submit`, clerk, {})
    expect(flashOf(handed.html)).toContain(`Count ${id} handed in. Somebody who may approve looks at the differences next.`)
    expect(textOf(handed.html)).not.toContain('8,317')
    expect((await send(stage, `${here}/decide-all`, clerk, { deed: 'approve' })).status).toBe(403)
    const review = await visit(stage, here, ana)
    const mug = numbersOf(review.html, `line-${lines.MUG}`)
    expect(mug.slice(0, 2)).toEqual([8317, 3])
    expect(textOf(review.html)).toContain('−8,314')
    const none = await send(stage, `${here}/decide`, ana, { deed: 'approve', reasonCode: 'miscount' })
    expect(flashOf(none.html)).toContain('Tick at least one line first.')
    const noReason = await send(stage, `${here}/decide`, ana, { deed: 'approve', [`line:${lines.MUG}`]: 'yes', reasonCode: '' })
    expect(wrongs(noReason.html)).toEqual(['What differs from the books needs a reason: choose one of the list.'])
    const back = await send(stage, `${here}/decide`, ana, { deed: 'recount', [`line:${lines.MUG}`]: 'yes' })
    expect(textOf(back.html)).toContain(`Count ${id}: 1 line sent back to be counted again.`)
    await send(stage, `${here}/line`, clerk, { sku: 'MUG', counted: '8320' })
    await send(stage, `${here}/submit`, clerk, {})
    const approved = await send(stage, `${here}/decide`, ana, { deed: 'approve', [`line:${lines.MUG}`]: 'yes', reasonCode: 'miscount' })
    expect(flashOf(approved.html)).toBe(`Count ${id}: 1 line approved, 0 rejected. On the books: 3 found, 0 missing.`)
    expect((await buckets(stage.sql, 'MUG', 'berlin')).onHand).toBe(8320)
    const rest = await send(stage, `${here}/decide-all`, ana, { deed: 'approve', uncounted: 'zero', reasonCode: 'miscount' })
    expect(flashOf(rest.html)).toContain('The count is over. The channels follow.')
    expect((await buckets(stage.sql, 'PEN', 'berlin')).onHand).toBe(0)
    const again = await send(stage, `${here}/decide-all`, ana, { deed: 'reject' })
    expect(flashOf(again.html)).toContain('This count is over: its differences are on the books.')
  })

  test('is not approved by whoever counted it, unless it is an administrator', async () => {
    await send(stage, '/stock/counts', ana, { location: 'berlin', skus: 'MUG', note: '' })
    const here = `/stock/counts/${await lastId(stage, 'counts')}`
    const empty = await send(stage, `${here}/submit`, ana, {})
    expect(textOf(empty.html)).toContain('Nothing was counted yet: enter 0 where a shelf is empty, or cancel the count.')
    await send(stage, `${here}/line`, ana, { sku: 'MUG', counted: '8000' })
    await send(stage, `${here}/submit`, ana, {})
    const own = await send(stage, `${here}/decide-all`, ana, { deed: 'approve', reasonCode: 'miscount' })
    expect(flashOf(own.html)).toContain('Whoever counted or handed it in does not approve it')
    expect((await buckets(stage.sql, 'MUG', 'berlin')).onHand).toBe(8320)
    const rejected = await send(stage, `${here}/decide-all`, await stage.person('admin'), { deed: 'reject' })
    expect(flashOf(rejected.html)).toContain('0 lines approved, 1 rejected.')
  })

  test('is cancelled without a trace on the books', async () => {
    await send(stage, '/stock/counts', clerk, { location: 'lyon', skus: '', note: '' })
    const id = await lastId(stage, 'counts')
    const page = await send(stage, `/stock/counts/${id}/cancel`, clerk, {})
    expect(textOf(page.html)).toContain(`Count ${id} cancelled. Nothing of it went on the books.`)
    const unknown = await send(stage, '/stock/counts', clerk, { location: 'lyon', skus: 'MUG, GHOST', note: '' })
    expect(wrongs(unknown.html)).toEqual(['There is no SKU GHOST. Check the spelling, or look it up in the list, and try again.'])
  })
})
