import { createHash } from 'node:crypto'
import type { Sandbox, SandboxOrder, ShownListing } from './sandbox.ts'
import type { SandboxTerms } from './sandbox-bill.ts'

/** Where people shop: a channel of a platform, and its share of them. */
export type Place = {
  readonly sandbox: Sandbox
  readonly channelRef: string
  readonly share: number
  readonly cities: readonly string[]
  readonly country: string
  /** Whether the platform also sells from stock that it holds itself. */
  readonly holdsStock: boolean
}

export type Shoppers = {
  /** Purchases per second over all places; 0 sends them home. */
  readonly setRate: (perS: number) => void
  readonly rate: () => number
  readonly stop: () => void
}

/** How often out of 100 purchases. */
const OUT_OF_100 = { unpaid: 4, foreign: 3, cancelled: 4, returned: 2, discounted: 15 } as const

const NAMES = ['Ada Sample', 'Bo Example', 'Chen Muster', 'Dana Beispiel', 'Emil Prov', 'Fatma Deneme', 'Greta Exempel', 'Hugo Specimen']

/**
 * People who buy what the places show, at instants of chance: mostly what is popular, sometimes the last pieces of something, one to three
 * things at once. Some pay later, some change their mind, some send back. What they were still about to do is lost with the process.
 */
export function startShoppers(places: readonly Place[], random: () => number): Shoppers {
  let perS = 0
  let next: NodeJS.Timeout | undefined
  const later = new Set<NodeJS.Timeout>()

  const plan = (): void => {
    clearTimeout(next)
    if (perS === 0) return
    // Exponential pauses: arrivals that know nothing of each other.
    next = setTimeout(
      () => {
        plan()
        guarded(shop)
      },
      (-Math.log(1 - random()) * 1000) / perS,
    )
  }
  const afterS = (from: number, to: number, act: () => void): void => {
    const timer = setTimeout(
      () => {
        later.delete(timer)
        guarded(act)
      },
      (from + random() * (to - from)) * 1000,
    )
    later.add(timer)
  }
  const happens = (what: keyof typeof OUT_OF_100): boolean => random() * 100 < OUT_OF_100[what]

  function shop(): void {
    const place = choosePlace(places, random)
    const lines = basket(place.sandbox.shown(), place.channelRef, random)
    if (lines.length === 0) return
    const unpaid = happens('unpaid')
    const foreign = !unpaid && place.holdsStock && happens('foreign')
    const order = place.sandbox.buy({
      ref: `shopper-${crypto.randomUUID()}`,
      channelRef: place.channelRef,
      lines,
      person: personOf(place, random),
      terms: { ...termsIn(place), ...(happens('discounted') ? { discount: '2.00' } : {}) },
      ...(unpaid ? { unpaid } : {}),
      ...(foreign ? { foreign } : {}),
    })
    if (order !== null && !foreign) follow(place, order, unpaid)
  }

  function follow({ sandbox }: Place, order: SandboxOrder, unpaid: boolean): void {
    if (unpaid) afterS(3, 12, () => sandbox.pay(order.externalId))
    const [first] = order.lines
    if (happens('cancelled')) afterS(5, 25, () => sandbox.cancel(order.externalId))
    else if (first && happens('returned'))
      afterS(90, 240, () => sandbox.refund(order.externalId, [{ externalLineId: first.externalLineId, quantity: 1 }]))
  }

  return {
    setRate: rate => {
      perS = rate
      plan()
    },
    rate: () => perS,
    stop: () => {
      perS = 0
      clearTimeout(next)
      for (const timer of later) clearTimeout(timer)
    },
  }
}

/** A shopper who meets a fault goes away; the others must not. */
function guarded(act: () => void): void {
  try {
    act()
  } catch (error) {
    console.error('a shopper met a fault', error)
  }
}

/** Taxes and shipping by country: tax comes on top in the United States, and is in the prices elsewhere. */
function termsIn({ country }: Place): SandboxTerms {
  const tax = country === 'US' ? { percent: 8, included: false } : { percent: country === 'DE' ? 19 : 20, included: true }
  return { tax, shipping: { price: '4.90' } }
}

function choosePlace(places: readonly Place[], random: () => number): Place {
  let left = random() * places.reduce((sum, place) => sum + place.share, 0)
  const found = places.find(place => {
    left -= place.share
    return left < 0
  })
  const last = found ?? places.at(-1)
  if (last === undefined) throw new Error('there is no place to shop')
  return last
}

function basket(shown: readonly ShownListing[], channelRef: string, random: () => number): { sku: string; quantity: number }[] {
  const goods = shown.filter(one => one.quantity > 0 && one.prices[channelRef] !== undefined)
  const popular = goods.toSorted((a, b) => popularity(a.sku) - popularity(b.sku))
  const scarce = goods.toSorted((a, b) => a.quantity - b.quantity)
  const many = random() < 0.6 ? 1 : random() < 0.75 ? 2 : 3
  const chosen = new Map<string, number>()
  for (let n = 0; n < many; n += 1) {
    // The square makes the first ones of a list the favourites.
    const from = random() < 0.12 ? scarce.slice(0, 8) : popular
    const one = from[Math.floor(from.length * random() ** 2)]
    if (one) chosen.set(one.sku, random() < 0.8 ? 1 : random() < 0.75 ? 2 : 3)
  }
  return [...chosen].map(([sku, quantity]) => ({ sku, quantity }))
}

/** The same goods are popular everywhere, at every start. */
function popularity(sku: string): number {
  return createHash('sha256').update(sku).digest().readUInt32BE()
}

function personOf(place: Place, random: () => number): { name: string; email: string; city: string; country: string } {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
  const name = pick(NAMES)
  return { name, email: `${name.toLowerCase().replace(' ', '.')}@example.com`, city: pick(place.cities), country: place.country }
}
