import type { ShownListing } from '../../../connectors/sandbox.ts'
import type { ListingInBooks } from '../../../db/replay-books.ts'
import type { Difference, Evidence } from './evidence.ts'
import type { Platform } from './plan.ts'
import { CHANNEL_REF, PLATFORMS } from './scene.ts'

/** What shoppers see against what the hub intends, and that against what lies in the warehouse. */
export function compareShown({ plan, shown, books }: Evidence): Difference[] {
  const free = new Map(books.stock.map(({ sku, onHand, reserved }) => [sku, onHand - reserved]))
  return PLATFORMS.flatMap(platform => {
    const windows = new Map(shown[platform].map(listing => [listing.sku, listing]))
    const listings = new Map(books.listings.filter(one => one.platform === platform).map(one => [one.sku, one]))
    return plan.items.flatMap(({ sku, price }) => {
      const [window, listing] = [windows.get(sku), listings.get(sku)]
      if (!window || !listing)
        return [
          {
            what: 'a listing is missing',
            platform,
            of: sku,
            expected: sku,
            found: { platform: window, hub: listing },
            sources: 'plan / platform and listings',
          },
        ]
      return [...stock(platform, sku, window, listing, free.get(sku) ?? 0), ...prices(platform, sku, window, listing, price)]
    })
  })
}

function stock(platform: Platform, sku: string, window: ShownListing, listing: ListingInBooks, free: number): Difference[] {
  const found: Difference[] = []
  if (listing.quantity !== free)
    found.push({
      what: 'the hub intends another stock than there is',
      platform,
      of: sku,
      expected: free,
      found: listing.quantity,
      sources: 'balances / publications',
    })
  if (window.quantity !== listing.quantity)
    found.push({
      what: 'the platform shows another stock than the hub intends',
      platform,
      of: sku,
      expected: listing.quantity,
      found: { shown: window.quantity, state: listing.stockState },
      sources: 'publications / platform',
    })
  return found
}

function prices(platform: Platform, sku: string, window: ShownListing, listing: ListingInBooks, price: string | null): Difference[] {
  const found: Difference[] = []
  const shown = window.prices[CHANNEL_REF[platform]]?.regular ?? null
  if (listing.price !== price)
    found.push({
      what: 'the hub intends another price than was set',
      platform,
      of: sku,
      expected: price,
      found: listing.price,
      sources: 'plan / publications',
    })
  if (price !== null && (shown === null || Number(shown) !== Number(price)))
    found.push({
      what: 'the platform shows another price than the hub intends',
      platform,
      of: sku,
      expected: price,
      found: { shown, state: listing.priceState },
      sources: 'publications / platform',
    })
  return found
}
