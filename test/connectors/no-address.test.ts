import { expect, test } from 'vitest'
import { languageOfCountry } from '../../connectors/marketplace-language.ts'
import { lacksAddress } from '../../connectors/no-address.ts'

const line = {
  ...{
    externalLineId: '1',
    listingRef: null,
    sku: 'MUG',
    title: 'Mug',
    ordered: 2,
    cancelled: 0,
    shipped: 0,
    returned: 0,
    unitPrice: null,
  },
}

test.each([
  ['nothing is known of the buyer', [line], null, true],
  ['a country leads nowhere', [line], { address: { country: 'DE', state: 'HB', company: 'Ada Ltd' } }, true],
  ['empty text is no street', [line], { address: { address_1: ' ', countryCode: 'DE' } }, true],
  ['a street does', [line], { address: { addressLine1: 'Am Wall 1', countryCode: 'DE' } }, false],
  ['where the platform hides the street, the postal code tells that there is one', [line], { address: { postalCode: '28195' } }, false],
  ['what is collected needs none', [{ ...line, collectAt: null }], null, false],
  ['one of two lines is sent', [{ ...line, collectAt: 'kiel' }, line], null, true],
  ['what has left needs none any more', [{ ...line, shipped: 1, cancelled: 1 }], null, false],
  ['nothing was ordered', [], null, false],
] as const)('an order lacks an address or not: %s', (_, lines, person, lacks) => {
  expect(lacksAddress(lines, person)).toBe(lacks)
})

test('buyers of a marketplace read its language; of one that nobody knows nothing is said', () => {
  expect([languageOfCountry('JP'), languageOfCountry('XX'), languageOfCountry(undefined)]).toEqual([{ language: 'ja-JP' }, {}, {}])
})
