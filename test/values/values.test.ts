import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkDigit, readGtin } from '../../src/values/gtin.ts'
import { amount, currencyDigits, isCurrency, parseDecimal, sameAmount, unitPrice } from '../../src/values/money.ts'
import { readKeyring, seal, unseal, unsealText } from '../../src/values/sealed.ts'
import { isSku } from '../../src/values/sku.ts'

test.each([
  ['4006381333931', { gtin: '04006381333931' }],
  ['96385074', { gtin: '00000096385074' }],
  ['036000291452', { gtin: '00036000291452' }],
  ['4006381 33393-1', { gtin: '04006381333931' }],
  ['4006381333930', { wrong: 'the check digit should be 1' }],
  ['12345', { wrong: 'a GTIN has 8, 12, 13 or 14 digits, this has 5' }],
  ['ABC', { wrong: 'a GTIN has digits only' }],
])('GTIN %s', (text, verdict) => {
  expect(readGtin(text)).toEqual(verdict)
})

test('one wrong digit of a GTIN is always noticed', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\d{12}$/), fc.nat(11), fc.integer({ min: 1, max: 9 }), (data, place, by) => {
      const good = data + checkDigit(data)
      const changed = (Number(good[place]) + by) % 10
      const bad = `${good.slice(0, place)}${changed}${good.slice(place + 1)}`
      return 'gtin' in readGtin(good) && 'wrong' in readGtin(bad)
    }),
  )
})

test.each([
  ['EUR', 2],
  ['JPY', 0],
  ['KWD', 3],
])('%s has %i digits', (currency, digits) => {
  expect(currencyDigits(currency)).toBe(digits)
})

test('amounts leave with the digits of their currency, unit prices with up to six', () => {
  expect([amount('1.1', 'EUR'), amount('1.005', 'EUR'), amount('12.5', 'JPY'), amount('1', 'KWD')]).toEqual(['1.10', '1.01', '13', '1.000'])
  expect([unitPrice('1.1', 'EUR'), unitPrice('0.0123456', 'EUR'), unitPrice('3', 'JPY')]).toEqual(['1.10', '0.012346', '3'])
  expect([sameAmount('1.1', '1.10'), sameAmount('1', null), sameAmount(null, undefined)]).toEqual([true, false, true])
})

test.each(['1,5', '1e3', ' 1', '', 'NaN', '1.2.3', '--1', '0x10'])('%j is no decimal number', text => {
  expect(parseDecimal(text)).toBeNull()
})

test('currencies and SKUs are told from what is none', () => {
  expect(['EUR', 'eur', 'XXQ', 'EURO'].map(isCurrency)).toEqual([true, false, false, false])
  expect(['A-1', '', ' A', 'A\n', 'x'.repeat(65), 'e\u0301'].map(isSku)).toEqual([true, false, false, false, false, false])
})

test('no nonce is given out twice, also of many that are sealed at once', async () => {
  const ring = await readKeyring(`a:${Buffer.alloc(32, 1).toString('base64')}`)
  // More than are asked of the system at once, three times over.
  const sealed = await Promise.all(Array.from({ length: 1_600 }, () => seal(ring, 'inbox', 'the same words')))
  expect(new Set(sealed.map(bytes => Buffer.from(bytes.subarray(3, 15)).toString('hex'))).size).toBe(1_600)
  expect(await unsealText(ring, 'inbox', sealed[512] ?? new Uint8Array())).toBe('the same words')
})

test('what is sealed opens with its key and purpose alone, also after rotation', async () => {
  const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64')
  const old = await readKeyring(`a:${key(1)}`)
  const rotated = await readKeyring(`b:${key(2)},a:${key(1)}`)
  const sealed = await seal(old, 'credentials', 'secret words')
  expect(await unsealText(rotated, 'credentials', sealed)).toBe('secret words')
  await expect(unseal(old, 'inbox', sealed)).rejects.toThrow()
  await expect(unseal(old, 'credentials', await seal(rotated, 'credentials', 'x'))).rejects.toThrow('key b')
  const tampered = Uint8Array.from(sealed)
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1
  await expect(unseal(old, 'credentials', tampered)).rejects.toThrow()
  await expect(readKeyring('a:c2hvcnQ=')).rejects.toThrow('32 are needed')
})
