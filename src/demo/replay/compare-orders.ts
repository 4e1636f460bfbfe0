import type { LineInBooks, OrderInBooks } from '../../../db/replay-books.ts'
import { bySku, type Difference, type Evidence } from './evidence.ts'
import type { Told } from './journal.ts'
import type { Platform } from './plan.ts'
import { PLATFORMS } from './scene.ts'

/** Orders, shipments and refunds of the platforms' journals against the orders and acts in the hub's books. */
export function compareOrders(evidence: Evidence): Difference[] {
  return PLATFORMS.flatMap(platform => {
    const told = evidence.told[platform]
    const booked = evidence.books.orders.filter(order => order.platform === platform)
    return [...booking(platform, told, booked), ...shipping(evidence, platform, booked), ...refunding(platform, told, booked)]
  })
}

function booking(platform: Platform, told: Told, booked: readonly OrderInBooks[]): Difference[] {
  const found: Difference[] = told.ordersTwice.map(of => ({
    what: 'an order is twice in the journal',
    platform,
    of,
    expected: 1,
    found: 2,
    sources: 'journal',
  }))
  const byId = Map.groupBy(booked, order => order.externalId)
  const sources = 'journal / orders'
  for (const [of, order] of told.orders) {
    const [first, ...more] = byId.get(of) ?? []
    if (!first) found.push({ what: 'an order was sold and not booked', platform, of, expected: order.invoice, found: null, sources })
    else if (more.length > 0)
      found.push({ what: 'an order was booked more than once', platform, of, expected: 1, found: more.length + 1, sources })
    else {
      const sold = bySku(order.lines)
      const has = bySku(first.lines.map(line => ({ sku: line.matched ?? `unmatched ${line.sku}`, quantity: line.ordered })))
      for (const sku of new Set([...sold.keys(), ...has.keys()]))
        if (sold.get(sku) !== has.get(sku))
          found.push({
            what: 'a line was booked with another quantity',
            platform,
            of: `${of} ${sku}`,
            expected: sold.get(sku) ?? 0,
            found: has.get(sku) ?? 0,
            sources,
          })
    }
  }
  for (const of of byId.keys())
    if (!told.orders.has(of)) found.push({ what: 'an order was booked that nobody sold', platform, of, expected: null, found: of, sources })
  return found
}

/** Each act of ours once at the platform, with the units that the hub handed over; nothing shipped beyond what was sold. */
function shipping({ told, books }: Evidence, platform: Platform, booked: readonly OrderInBooks[]): Difference[] {
  const { shipments } = told[platform]
  const acts = books.acts.filter(act => act.platform === platform)
  const found: Difference[] = acts
    .filter(act => act.state !== 'confirmed')
    .map(act => ({
      what: 'an act was not confirmed',
      platform,
      of: act.externalId,
      expected: 'confirmed',
      found: `${act.state} ${act.reason ?? ''}`,
      sources: 'acts',
    }))
  const keys = Map.groupBy(shipments, one => `${one.externalId} ${one.key}`)
  for (const [of, same] of keys)
    if (same.length > 1)
      found.push({ what: 'a shipment was told more than once', platform, of, expected: 1, found: same.length, sources: 'acts / journal' })
  const toldByOrder = Map.groupBy(shipments, one => one.externalId)
  const actsByOrder = Map.groupBy(
    acts.filter(act => act.kind === 'ship'),
    act => act.externalId,
  )
  for (const order of booked) {
    const of = order.externalId
    const packages = toldByOrder.get(of) ?? []
    const ours = actsByOrder.get(of) ?? []
    if (packages.length !== ours.length)
      found.push({
        what: 'not every shipment was told once',
        platform,
        of,
        expected: ours.length,
        found: packages.length,
        sources: 'acts / journal',
      })
    const units = bySku(packages.flatMap(one => one.units.map(({ lineId, quantity }) => ({ sku: lineId, quantity }))))
    for (const line of order.lines) found.push(...shippedLine(platform, of, line, units.get(line.externalLineId) ?? 0))
  }
  return found
}

function shippedLine(platform: Platform, order: string, line: LineInBooks, told: number): Difference[] {
  const of = `${order} ${line.sku}`
  const found: Difference[] = []
  if (told !== line.shipped)
    found.push({
      what: 'other units were shipped than booked',
      platform,
      of,
      expected: line.shipped,
      found: told,
      sources: 'orders / journal',
    })
  if (line.reserved > 0)
    found.push({ what: 'promised units were not shipped', platform, of, expected: 0, found: line.reserved, sources: 'orders' })
  if (line.shipped + line.short !== line.ordered || line.cancelled > 0)
    found.push({
      what: 'a line is neither shipped nor short',
      platform,
      of,
      expected: line.ordered,
      found: { shipped: line.shipped, short: line.short, cancelled: line.cancelled },
      sources: 'orders',
    })
  return found
}

/** Units that a shop restocked are the ones that came back in the books. Amazon restocks nothing: the warehouse books those returns itself. */
function refunding(platform: Platform, told: Told, booked: readonly OrderInBooks[]): Difference[] {
  if (platform === 'amazon') return []
  const refunded = bySku(
    told.refunds.flatMap(one => one.units.map(({ line, quantity }) => ({ sku: `${one.externalId} ${line}`, quantity }))),
  )
  return booked.flatMap(order =>
    order.lines.flatMap(line => {
      const units = refunded.get(`${order.externalId} ${line.externalLineId}`) ?? 0
      const of = `${order.externalId} ${line.sku}`
      return units === line.returned
        ? []
        : [
            {
              what: 'other units came back than were refunded',
              platform,
              of,
              expected: units,
              found: line.returned,
              sources: 'journal / orders',
            },
          ]
    }),
  )
}
