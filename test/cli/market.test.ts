import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { repriceNext } from '../../src/usecases/reprice.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { MUG: { berlin: 1 }, LID: { berlin: 1 } })
await quietChannel(sql, 'shop')
await priceList(sql, { code: 'web', audience: 'channel', of: 'shop', entries: [] })
const cli = cliOn(url)
const said = async (...words: string[]): Promise<string> => {
  const ran = await cli(words)
  return ran.out.trim() || ran.err.trim()
}
const json = async (...words: string[]) => JSON.parse((await cli([...words, '--json'])).out)
const folder = mkdtempSync(join(process.env.CONCORD_TEST_DIR ?? tmpdir(), 'concord-market-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Seen just now by the clock of the books. */
const now = (): string => new Date().toISOString()

test('offers come in from a file or a pipe, and what is wrong is told by row and column', async () => {
  const file = join(folder, 'offers.csv')
  const at = new Date(Date.parse('2026-11-22T11:00:00Z')).toISOString()
  writeFileSync(file, `sku,competitor,amount,seen_at\nMUG,acme,9.50,${at}\nMGU,acme,1,${at}\nLID,acme,x,${at}\n`)
  expect(await said('market', 'import', file, '--currency', 'EUR', '--dry-run')).toContain('3 rows read, nothing taken in, 1 wrong')
  const ran = await cli(['market', 'import', file, '--currency', 'EUR'])
  expect(ran.code).toBe(1)
  expect(ran.out).toContain('3 rows read: 1 new, 0 changed, 0 unchanged, 0 seen earlier than what stands, 2 left out')
  expect(ran.out).toMatch(/^3 +sku +MGU +a SKU that is known$/m)
  expect(ran.out).toMatch(/^4 +amount +x +/m)
  const piped = await cli(
    ['market', 'import', '-', '--currency', 'EUR', '--competitor', 'bits', '--seen-at', at, '--json'],
    'sku,amount\nLID,8\n',
  )
  expect([piped.code, JSON.parse(piped.out)]).toMatchObject([0, { rows: 1, new: 1 }])
  expect(await said('market', 'offers', '--sku', 'MUG')).toMatch(/^MUG +acme +any +9.5 EUR +/m)
  expect(await json('market', 'offers')).toHaveLength(2)
  expect(await said('market', 'offers', '--sku', 'MGU')).toContain('MUG')
})

test('a rule is tried, set, listed, steps, stops and goes on', async () => {
  // The clock of the command line stands still in these tests; what is judged there counts from it.
  await sql`update market_offers set seen_at = clock_timestamp(), last_seen_at = clock_timestamp()`
  const set = ['market', 'rule', 'set', 'mugs', '--list', 'web', '--sku', 'MUG', '--undercut', '0.05', '--war-steps', '1']
  const dry = await json(...set, '--dry-run')
  expect(dry).toMatchObject([{ sku: 'MUG', price: '10', act: 'step', to: '9.45' }])
  expect(await said('market', 'rule', 'list')).toBe('No market rules.')
  expect(await said(...set)).toBe(
    'mugs: web, MUG: 0.05 below the lowest of any competitor; offers of 1440 minutes, 4 steps a day, stops after 1 answers within 1440 minutes',
  )
  expect(await said(...set)).toBe('It was so already.')
  expect(await said('market', 'rule', 'try', 'mugs')).toMatch(/^MUG +10 +9.45 +acme asks 9.5 EUR/m)
  await repriceNext({ sql }, 10)
  expect(await said('market', 'steps', '--sku', 'MUG')).toMatch(/MUG +web +mugs +10\.00 EUR +9\.45 EUR +acme asks 9.5 EUR/)
  expect(await said('market', 'stops')).toBe('No rule is stopped.')
  for (const amount of ['9', '8.5']) {
    await sql`select market_offers_1(${sql.json({ actor: 'test', offers: [{ sku: 'MUG', competitor: 'acme', currency: 'EUR', amount, seenAt: now() }] })})`
    await repriceNext({ sql }, 10)
  }
  expect(await said('market', 'stops')).toMatch(/mugs +MUG +acme +8.95 EUR +stopped +1 steps down within 1440 minutes/)
  expect(await said('market', 'rule', 'list')).toContain('stopped for 1 SKU')
  expect(await said('market', 'resume', 'mugs', 'MUG', '--why', 'spoken')).toBe('mugs goes on for MUG.')
  expect(await said('market', 'resume', 'mugs', 'MUG')).toContain('is not stopped for MUG')
  expect(await json('market', 'stops', '--all')).toMatchObject([{ note: 'spoken', resumedBy: 'cli:test' }])
})

test('wrong usage is told', async () => {
  expect(await said('market', 'rule', 'set', 'mugs', '--match')).toContain('--list is missing')
  expect(await said('market', 'rule', 'set', 'mugs', '--list', 'web', '--match', '--within', '2%')).toContain(
    'one of --match, --undercut and --within',
  )
  expect(await said('market', 'rule', 'set', 'mugs', '--list', 'wbe', '--match')).toContain('There is no price list wbe.')
  expect(await said('market', 'rul')).toContain('"market" goes with one of: rule set, rule list, rule try, import, offers')
})
