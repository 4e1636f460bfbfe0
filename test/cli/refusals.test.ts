import { beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const cli = cliOn(url)
beforeAll(async () => {
  await layIn(sql, { 'TEA-GREEN': { MAIN: 20, SHOP: 0 }, 'TEA-GREY': { MAIN: 5 }, 'CUP-BLUE': { MAIN: 1 } })
  await quietChannel(sql, 'my-shop')
  await sql`update products set category = 'Drinks'`
  await cli(['price-list', 'set', 'deal', '--currency', 'EUR', '--audience', 'everyone'])
  await cli(['delivery', 'add', 'PO-118', 'TEA-GREEN=5', '--location', 'MAIN', '--expected', '2026-12-01'])
})

const refused = async (...words: string[]): Promise<string> => {
  const { code, err } = await cli(words)
  return `${code} ${err.trim()}`
}

describe('a refusal of the command line', () => {
  test('names its options, not the fields of the API', async () => {
    await cli(['stock', 'adjust', 'TEA-GREEN', 'MAIN', '1', '--key', 'k1'])
    expect(await refused('stock', 'adjust', 'TEA-GREEN', 'MAIN', '2', '--key', 'k1')).toBe(
      '1 --key was used for another request already: send a new key with a new request. (expected: a key of its own for each request)',
    )
    expect(await refused('stock', 'sale', 'TEA-GREEN', 'MAIN', '1', '--at', '2026-11-23')).toContain(
      '--at 2026-11-23T00:00:00.000Z is in the future.',
    )
    await cli(['count', 'start', 'SHOP'])
    expect(await refused('count', 'enter', '1', 'TEA-GREEN=1', '--at', '2126-11-23')).toMatch(
      /^1 --at 2126-11-23T00:00:00.*is in the future/,
    )
  })

  test.each([
    ['There is no SKU TEA-GREN. Did you mean TEA-GREEN or TEA-GREY?', ['stock', 'receive', 'TEA-GREN', 'MAIN', '1']],
    ['there is no SKU tea-green. Did you mean TEA-GREEN?', ['stock', 'cost', 'tea-green']],
    ['there is no SKU TAE-GREEN. Did you mean TEA-GREEN?', ['explain', 'TAE-GREEN']],
    ['There is no SKU NOTHING. "concord export catalog" tells which there are.', ['stock', 'receive', 'NOTHING', 'MAIN', '1']],
    ['There is no location MIAN. Did you mean MAIN?', ['stock', 'receive', 'TEA-GREEN', 'MIAN', '1']],
    [
      'There is no location XY. "concord location list" tells which there are.',
      ['transfer', 'add', 'TEA-GREEN=1', '--from', 'XY', '--to', 'SHOP'],
    ],
    ['there is no channel my-sohp. Did you mean my-shop?', ['channel', 'set', 'my-sohp']],
    [
      'There is no reason damagd for this, or it is switched off. Did you mean damaged?',
      ['stock', 'damage', 'TEA-GREEN', 'MAIN', '1', '--reason-code', 'damagd'],
    ],
    ['There is no delivery PO-181. Did you mean PO-118?', ['delivery', 'receive', 'PO-181']],
    ['There is no transfer T-9. "concord transfer list" tells which there are.', ['transfer', 'send', 'T-9']],
    // A list narrowed by a name that nobody has would be empty as if there were nothing.
    ['There is no location MAN. Did you mean MAIN?', ['delivery', 'list', '--location', 'MAN']],
    ['There is no location SHOPP. Did you mean SHOP?', ['transfer', 'list', '--to', 'SHOPP']],
    ['There is no location SHO. Did you mean SHOP?', ['count', 'list', '--location', 'SHO']],
    ['There is no location MAI. Did you mean MAIN?', ['lot', 'expiring', '--location', 'MAI']],
    ['There is no channel my-shp. Did you mean my-shop?', ['order', 'list', '--channel', 'my-shp']],
    [
      'There is no product tea-gren. Did you mean TEA-GREEN or TEA-GREY?',
      ['price-list', 'rule', 'deal', '--percent=-5', '--product', 'tea-gren'],
    ],
    ['There is no category Drink. Did you mean Drinks?', ['price-list', 'rule', 'deal', '--percent=-5', '--category', 'Drink']],
    ['There is no product in the category drinks. Did you mean Drinks?', ['price', 'floor', '3', 'EUR', '--category', 'drinks']],
    ['There is no product with the handle CAP-BLUE. Did you mean CUP-BLUE?', ['price', 'floor', '3', 'EUR', '--product', 'CAP-BLUE']],
    [
      'There is no product in the category Tools. "concord export catalog" tells which there are.',
      ['price', 'floor', '3', 'EUR', '--category', 'Tools'],
    ],
    ['There is no SKU CUP. Did you mean CUP-BLUE?', ['bundle', 'list', '--part', 'CUP']],
  ])('leads on: %s', async (words, line) => {
    expect(await refused(...line)).toBe(`1 ${words}`)
  })

  test('tells programs the names that are near', async () => {
    const { out } = await cli(['stock', 'receive', 'TEA-GREN', 'MAIN', '1', '--json'])
    expect(JSON.parse(out).error).toMatchObject({
      code: 'invalid',
      field: 'lines.0.sku',
      value: 'TEA-GREN',
      nearest: ['TEA-GREEN', 'TEA-GREY'],
    })
  })

  test('leaves a refusal of what is there as it is', async () => {
    expect(await refused('price', 'tax-category', 'DRINK!', 'TEA-GREY')).toBe(
      '1 "DRINK!" is no tax category. (expected: small letters, digits and hyphens, such as standard or reduced)',
    )
    expect(await refused('stock', 'sale', 'TEA-GREY', 'MAIN', '99')).not.toContain('Did you mean')
    expect(await refused('bundle', 'show', 'TEA-GREY')).toBe('1 TEA-GREY is no bundle.')
  })

  test('of a command or an option names those that are near', async () => {
    expect(await refused('stock', 'recieve', 'TEA-GREEN', 'MAIN', '1')).toMatch(
      /^2 "stock" goes with one of: history, value, set, adjust, receive/,
    )
    expect(await refused('delivary', 'list')).toBe(
      '2 there is no command "delivary"; did you mean delivery list? "concord help" lists them',
    )
    expect(await refused('stock', 'receive', 'TEA-GREEN', 'MAIN', '1', '--expire', '2027-01-01')).toContain('did you mean --expires?')
  })
})
