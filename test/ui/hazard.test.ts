import { expect, test } from 'vitest'
import { flashOf, send, setUiStage, visit } from './stage.ts'

const stage = await setUiStage()

test('the class of dangerous goods stands on the page of a SKU and is changed there, by whoever may change the catalog, as it was seen', async () => {
  const who = await stage.person('admin')
  const page = await visit(stage, '/skus/MUG', who)
  const version = /name="version" value="(\d+)"/.exec(page.html)?.[1] ?? ''
  const set = await send(stage, '/skus/MUG/hazard', who, { hazard: '9', version })
  expect(flashOf(set.html)).toBe('MUG is dangerous goods of class 9.')
  expect(set.html).toContain('<b>class 9</b>')
  expect(await stage.sql`select hazard from variants where sku = 'MUG'`).toEqual([{ hazard: '9' }])
  // Somebody else was quicker.
  const stale = await send(stage, '/skus/MUG/hazard', who, { hazard: '', version })
  expect(flashOf(stale.html)).not.toContain('no dangerous goods')
  const now = /name="version" value="(\d+)"/.exec(stale.html)?.[1] ?? ''
  expect(flashOf((await send(stage, '/skus/MUG/hazard', who, { hazard: '77', version: now })).html)).toContain('Class')
  expect(flashOf((await send(stage, '/skus/MUG/hazard', who, { hazard: '', version: now })).html)).toBe('MUG is no dangerous goods.')
  const clerk = await visit(stage, '/skus/MUG', await stage.person('clerk'), { cookie: 'concord_language=zh-CN' })
  expect(clerk.html).toContain('危险品')
  expect(clerk.html).not.toContain('/skus/MUG/hazard')
})
