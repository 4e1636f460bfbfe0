import { checkDigit } from '../values/gtin.ts'
import { FAMILIES } from './goods-table.ts'

/** A sample variant with its prices, its opening stock by location, and what the platforms showed of it before the hub came. */
export type Sample = {
  readonly sku: string
  readonly product: string
  readonly title: string
  readonly gtin: string
  readonly options: Readonly<Record<string, string>>
  readonly weightGrams: number
  readonly costEuro: string
  readonly priceEuro: string
  readonly priceKrona: string
  /** Units by location code. */
  readonly stock: Readonly<Record<string, number>>
  readonly isScarce: boolean
  readonly isOnAmazon: boolean
  /** The SKU under which the platform knows it. Where it is another than ours, the GTIN tells. */
  readonly amazonSku: string
  readonly shopSku: string
}

export const LOCATIONS = [
  { code: 'berlin', name: 'Berlin warehouse', kind: 'warehouse', zone: 'Europe/Berlin', country: 'DE' },
  { code: 'malmo', name: 'Malmö warehouse', kind: 'warehouse', zone: 'Europe/Stockholm', country: 'SE' },
  { code: 'hamburg', name: 'Hamburg store', kind: 'store', zone: 'Europe/Berlin', country: 'DE' },
] as const

/** How long goods take to be ready, and what the store does for orders: buyers collect there. */
export const SERVICES = {
  berlin: { leadMinutes: 120 },
  malmo: { leadMinutes: 120 },
  hamburg: {
    ...{ collects: true, latitude: 53.5503, longitude: 9.9936, address: 'Mönckebergstraße 7', postalCode: '20095', leadMinutes: 60 },
    hours: Object.fromEntries(['1', '2', '3', '4', '5', '6'].map(day => [day, [['10:00', '19:00'] as const]])),
  },
} as const

const KRONA_PER_EURO = 11.4
/** Every so manyth variant is scarce: a handful over all locations. */
const SCARCE_EACH = 9

/** The sample catalog: the same at every start, so that a first start that was cut short can be carried on. */
export const SAMPLES: readonly Sample[] = FAMILIES.flatMap(family =>
  family.sizes.flatMap((size, step) => family.colours.map(colour => ({ family, size, step, colour }))),
).map(({ family, size, step, colour }, n) => {
  const sku = `${family.code}-${short(size)}-${short(colour)}`
  const euro = family.euro + step * family.stepEuro
  const isScarce = n % SCARCE_EACH === SCARCE_EACH - 1
  return {
    sku,
    product: family.handle,
    title: `${family.title}, ${size}, ${colour}`,
    gtin: sampleGtin(n),
    options: { size, colour },
    weightGrams: Math.round(family.weightGrams * (1 + step * 0.4)),
    costEuro: (euro * 0.42).toFixed(2),
    priceEuro: euro.toFixed(2),
    priceKrona: krona(euro),
    stock: stockOf(n, isScarce),
    isScarce,
    isOnAmazon: family.shopOnly !== true,
    // A few grew up under other names, as in any real catalog.
    amazonSku: n % 17 === 3 ? `NM-${1000 + n}` : sku,
    shopSku: n % 23 === 5 ? `old-${family.code.toLowerCase()}-${n}` : sku,
  }
})

/** `130 × 180` is `130X180`, `Market` is `MAR`. */
function short(words: string): string {
  const plain = words.replace('×', 'x').replace(/[^A-Za-z0-9]/g, '')
  return (/\d/.test(plain) ? plain : plain.slice(0, 3)).toUpperCase()
}

/** GS1 leaves the prefixes 20 to 29 to each company's own use, so these are nobody's. */
function sampleGtin(n: number): string {
  const digits = `290417${String(n + 1).padStart(6, '0')}`
  return `${digits}${checkDigit(digits)}`
}

/** A price that a shop would ask: it ends in a 9. */
function krona(euro: number): string {
  return `${Math.ceil((euro * KRONA_PER_EURO) / 10) * 10 - 1}.00`
}

function stockOf(n: number, isScarce: boolean): Record<string, number> {
  if (isScarce) return { berlin: n % 3, malmo: n % 2, hamburg: 1 + (n % 2) }
  return { berlin: 24 + ((n * 7) % 40), malmo: 8 + ((n * 5) % 16), hamburg: 2 + ((n * 3) % 7) }
}
