import { claim, type Keyed, keep } from './keys.ts'
import { expire, promiseAs } from './promises.ts'
import { freeOn } from './shelves.ts'
import { type Answer, type ChannelCode, PLACES, POOLS, partsOf, SKUS, type State } from './state.ts'

export type Request = Keyed & {
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly location: string | null }[]
  readonly channel: string | null
  readonly partial: boolean
  readonly prefer: 'channel' | 'most' | readonly string[] | null
  readonly expiresAt: string | null
}

/** Decides a batch of requests in their order. Where most is free is asked once, before the first of them. */
export function reserveBatch(state: State, requests: readonly Request[]): Answer[] {
  const asked = requests.flatMap(request => request.lines.map(line => line.sku))
  expire(state, [...asked, ...asked.flatMap(sku => partsOf(state, sku).map(part => part.sku))])
  const before = new Map(PLACES.flatMap(place => SKUS.map(sku => [`${sku} ${place}`, freeOn(state, sku, place)])))
  return requests.map(request => claim(state, request) ?? reserveOne(state, request, (sku, place) => before.get(`${sku} ${place}`) ?? 0))
}

type FreeBefore = (sku: string, place: string) => number

function reserveOne(state: State, request: Request, before: FreeBefore): Answer {
  const { channel, lines } = request
  if (channel !== null && !(channel in POOLS)) return { outcome: 'unknown', field: 'channel', value: channel }
  for (const [line, { sku, location }] of lines.entries()) {
    if (!(SKUS as readonly string[]).includes(sku)) return { outcome: 'unknown', field: 'sku', value: sku, line }
    if (location !== null && !(PLACES as readonly string[]).includes(location))
      return { outcome: 'unknown', field: 'location', value: location, line }
  }
  const promisedBefore = state.promises.length
  const basket = `hold:${request.scope}:${request.key}`
  const took: Answer[] = []
  const missing: Answer[] = []
  for (const line of lines) {
    let left = line.quantity
    for (const { place, whole, made } of choose(state, request, line, before)) {
      for (const [fits, parts] of [
        [whole, []],
        [made, partsOf(state, line.sku)],
      ] as const) {
        const units = Math.min(left, fits)
        if (units === 0) continue
        const expires = request.expiresAt === null ? null : Date.parse(request.expiresAt)
        promiseAs(state, { basket, item: line.sku, place, units, line: null, expires }, parts)
        took.push({ sku: line.sku, location: place, quantity: units })
        left -= units
      }
    }
    if (left > 0) missing.push({ sku: line.sku, asked: line.quantity, available: line.quantity - left })
  }
  if (took.length > 0 && (missing.length === 0 || request.partial))
    return keep(state, request, { outcome: 'reserved', basket, expiresAt: request.expiresAt, missing, lines: took })
  state.promises.splice(promisedBefore)
  return { outcome: 'insufficient', missing }
}

type Choice = { readonly place: string; readonly whole: number; readonly made: number }

/** The locations that have some of it, in the order in which they are asked: one that has all before the others, then by preference. */
function choose(state: State, request: Request, line: Request['lines'][number], before: FreeBefore): Choice[] {
  const parts = partsOf(state, line.sku)
  const pool: readonly string[] = request.channel === null ? PLACES : POOLS[request.channel as ChannelCode]
  const choices = PLACES.filter(place => pool.includes(place) && (line.location === null || line.location === place)).map(place => ({
    place,
    whole: freeOn(state, line.sku, place),
    made: parts.length === 0 ? 0 : Math.min(...parts.map(part => Math.floor(freeOn(state, part.sku, place) / part.each))),
  }))
  const rank = ({ place, whole, made }: Choice): number => {
    if (request.prefer === null || request.prefer === 'channel') return 0
    if (request.prefer === 'most') return -(parts.length === 0 ? before(line.sku, place) : whole + made)
    const at = request.prefer.indexOf(place)
    return at < 0 ? PLACES.length : at
  }
  const hasAll = ({ whole, made }: Choice): number => Number(whole + made >= line.quantity)
  const inPool = ({ place }: Choice): number => pool.indexOf(place)
  return choices
    .filter(choice => choice.whole + choice.made > 0)
    .toSorted((a, b) => rank(a) - rank(b) || inPool(a) - inPool(b))
    .toSorted((a, b) => hasAll(b) - hasAll(a))
}
