import { type Arriving, arrive, perSku, wrongLot } from './arrivals.ts'
import { expire } from './promises.ts'
import { firstExpired, freeOn, shelfOf, takeOff } from './shelves.ts'
import { type Answer, PLACES, type State, sum, TRACKED, type Transfer } from './state.ts'
import { warnings } from './warnings.ts'

export type RequestTransfer = {
  readonly reference: string
  readonly from: string
  readonly to: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
}
type Parts = readonly Arriving[]
export type ActOnTransfer = { readonly transfer: string; readonly lines?: Parts; readonly reasonCode?: string }

type Line = Transfer['lines'][number]
const waiting = (line: Line): number => line.asked - line.cancelled - line.sent
const underWay = (line: Line): number => line.sent - line.received - line.lost

export function requestTransfer(state: State, { reference, from, to, lines }: RequestTransfer): Answer {
  for (const [field, value] of Object.entries({ from, to }))
    if (!(PLACES as readonly string[]).includes(value)) return { outcome: 'unknown', field, value }
  if (state.transfers.some(one => one.reference === reference)) return { outcome: 'exists', reference }
  const asked = lines.map(({ sku, quantity }) => ({ sku, asked: quantity, cancelled: 0, sent: 0, received: 0, lost: 0, lots: [] }))
  state.transfers.push({ reference, from, to, state: 'requested', lines: asked })
  return { outcome: 'requested', reference }
}

/** What was not sent yet will not be. */
export function cancelTransfer(state: State, { transfer }: ActOnTransfer): Answer {
  const one = taken(state, transfer, waiting, 'all_sent')
  if ('outcome' in one) return one
  for (const line of one.lines) line.cancelled = line.asked - line.sent
  return { outcome: 'changed', state: settleState(one) }
}

/** Units that are promised to nobody leave, all or none; their lots travel with them, first expired first. */
export function sendTransfer(state: State, { transfer, lines }: ActOnTransfer): Answer {
  const one = taken(state, transfer, waiting, 'all_sent')
  if ('outcome' in one) return one
  const parts = lines ?? one.lines.filter(line => waiting(line) > 0).map(line => ({ sku: line.sku, quantity: waiting(line) }))
  const wrong = stranger(one, parts) ?? wrongLot(parts) ?? over(one, perSku(parts), parts, waiting)
  if (wrong) return wrong
  expire(
    state,
    parts.map(part => part.sku),
  )
  const missing = parts.flatMap(part => lacking(state, one, parts, part))
  const told = new Map(missing.map(each => [`${each.sku} ${each.lot ?? ''}`, each]))
  if (told.size > 0) return { outcome: 'insufficient', missing: bySku([...told.values()], parts) }
  for (const part of namedFirst(parts)) {
    const line = lineOf(one, part.sku)
    const shelf = shelfOf(state, part.sku, one.from)
    if (part.sku === TRACKED) {
      let left = part.quantity
      for (const lot of firstExpired(shelf.lots).filter(each => part.lot === undefined || each.code === part.lot)) {
        const take = Math.min(left, lot.quantity - lot.unavailable)
        if (take <= 0) continue
        takeOff(shelf, take, lot)
        const known = line.lots.find(each => each.code === lot.code)
        if (known) Object.assign(known, { sent: known.sent + take, expires: known.expires ?? lot.expires })
        else line.lots.push({ code: lot.code, expires: lot.expires, sent: take, ended: 0 })
        left -= take
      }
    } else takeOff(shelf, part.quantity)
    line.sent += part.quantity
    shelfOf(state, part.sku, one.to).incoming += part.quantity
  }
  return { outcome: 'sent', state: settleState(one) }
}

/** Units arrive, never more than are under way. */
export function receiveTransfer(state: State, cmd: ActOnTransfer): Answer {
  const arrived: Parameters<typeof warnings>[1][number][] = []
  const answer = endUnderWay(state, cmd, 'received', (one, line, part) => {
    line.received += part.quantity
    for (const lot of takeLots(line, part)) {
      // A lot expires when it did where it came from: at a receipt nobody states it.
      const { expiresAt: _, ...came } = part
      arrive(state, one.to, { ...came, quantity: lot.units, ...lot.named })
      arrived.push({ sku: part.sku, place: one.to, lot: lot.named.lot })
    }
  })
  return { ...answer, ...warnings(state, arrived) }
}

/** Units that will not arrive any more. */
export function loseTransfer(state: State, cmd: ActOnTransfer): Answer {
  return endUnderWay(state, cmd, 'lost', (_, line, part) => {
    line.lost += part.quantity
    takeLots(line, part)
  })
}

type EndPart = (transfer: Transfer, line: Line, part: Arriving) => void

function endUnderWay(state: State, { transfer, lines }: ActOnTransfer, outcome: 'received' | 'lost', end: EndPart): Answer {
  const one = taken(state, transfer, underWay, 'not_under_way')
  if ('outcome' in one) return one
  const parts = lines ?? one.lines.filter(line => underWay(line) > 0).map(line => ({ sku: line.sku, quantity: underWay(line) }))
  const wrong = stranger(one, parts) ?? (outcome === 'received' ? wrongLot(parts) : null) ?? over(one, perSku(parts), parts, underWay)
  if (wrong) return wrong
  expire(
    state,
    parts.map(part => part.sku),
  )
  for (const part of namedFirst(parts)) {
    shelfOf(state, part.sku, one.to).incoming -= part.quantity
    end(one, lineOf(one, part.sku), part)
  }
  const now = settleState(one)
  return {
    ...{ outcome, state: now },
    lines: perSku(parts).map(part => {
      const line = lineOf(one, part.sku)
      return { ...part, received: line.received, lost: line.lost, underWay: underWay(line) }
    }),
  }
}

/** The lots that travel with a line give units, first expired first. */
function takeLots(line: Line, part: Arriving): { units: number; named: { lot?: string; expiresAt?: string } }[] {
  if (part.sku !== TRACKED) return [{ units: part.quantity, named: {} }]
  let left = part.quantity
  const took: { units: number; named: { lot?: string; expiresAt?: string } }[] = []
  const last = Number.POSITIVE_INFINITY
  for (const lot of line.lots.toSorted((a, b) =>
    (a.expires ?? last) < (b.expires ?? last) ? -1 : (a.expires ?? last) > (b.expires ?? last) ? 1 : 0,
  )) {
    const units = part.lot === undefined || part.lot === lot.code ? Math.min(left, lot.sent - lot.ended) : 0
    if (units === 0) continue
    lot.ended += units
    left -= units
    took.push({ units, named: { lot: lot.code, ...(lot.expires === null ? {} : { expiresAt: new Date(lot.expires).toISOString() }) } })
  }
  return took
}

function taken(
  state: State,
  reference: string,
  units: (line: Line) => number,
  none: string,
): Transfer | (Answer & { readonly outcome: string }) {
  const one = state.transfers.find(each => each.reference === reference)
  if (!one) return { outcome: 'unknown', field: 'id' }
  if (one.state === 'received' || one.state === 'cancelled') return { outcome: 'ended', reference, state: one.state }
  return sum(one.lines.map(units)) > 0 ? one : { outcome: none, reference, state: one.state }
}

function stranger(transfer: Transfer, parts: Parts): Answer | null {
  const line = parts.findIndex(part => !transfer.lines.some(one => one.sku === part.sku))
  return line < 0 ? null : { outcome: 'not_on_transfer', line, sku: parts[line]?.sku }
}

/** The first SKU, or lot of it, of which more is named than there is left. */
function over(
  transfer: Transfer,
  asked: readonly { sku: string; quantity: number }[],
  parts: Parts,
  left: (line: Line) => number,
): Answer | null {
  for (const [line, part] of parts.entries()) {
    const all = asked.find(one => one.sku === part.sku)?.quantity ?? 0
    const rest = left(lineOf(transfer, part.sku))
    const first = parts.findIndex(one => one.sku === part.sku)
    if (first === line && all > rest) return { outcome: 'over', line, sku: part.sku, asked: all, rest }
    if (left === waiting || part.lot === undefined) continue
    const named = parts.filter(one => one.sku === part.sku && one.lot === part.lot)
    const ofLot = lineOf(transfer, part.sku).lots.find(one => one.code === part.lot)
    const restOfLot = ofLot ? ofLot.sent - ofLot.ended : 0
    const askedOfLot = sum(named.map(one => one.quantity))
    if (named[0] === part && askedOfLot > restOfLot)
      return { outcome: 'over', line, sku: part.sku, lot: part.lot, asked: askedOfLot, rest: restOfLot }
  }
  return null
}

type Lacking = {
  readonly sku: string
  readonly location: string
  readonly lot?: string
  readonly asked: number
  readonly available: number
}

/** What is not free of a part: of its SKU, and of its lot where it names one. */
function lacking(state: State, { from: location }: Transfer, parts: Parts, { sku, lot }: Arriving): Lacking[] {
  const shelf = shelfOf(state, sku, location)
  const ofSku = {
    sku,
    location,
    asked: sum(parts.filter(one => one.sku === sku).map(one => one.quantity)),
    available: freeOn(state, sku, location, true),
  }
  const kept = shelf.lots.find(one => one.code === lot)
  const asked = sum(parts.filter(one => one.sku === sku && one.lot === lot).map(one => one.quantity))
  const ofLot = lot === undefined ? [] : [{ sku, location, lot, asked, available: kept ? kept.quantity - kept.unavailable : 0 }]
  return [ofSku, ...ofLot].filter(one => one.asked > one.available)
}

/** By the first line that names it; a SKU before its lots. */
function bySku(missing: readonly Lacking[], parts: Parts): Lacking[] {
  const first = (one: Lacking): number => parts.findIndex(part => part.sku === one.sku && (one.lot === undefined || part.lot === one.lot))
  return missing.toSorted((a, b) => first(a) - first(b) || Number(a.lot !== undefined) - Number(b.lot !== undefined))
}

const namedFirst = (parts: Parts): Arriving[] => parts.toSorted((a, b) => Number(a.lot === undefined) - Number(b.lot === undefined))

function lineOf(transfer: Transfer, sku: string): Line {
  const line = transfer.lines.find(one => one.sku === sku)
  if (!line) throw new Error(`${sku} is not on transfer ${transfer.reference}`)
  return line
}

function settleState(transfer: Transfer): string {
  const [left, sent, way] = [waiting, (line: Line) => line.sent, underWay].map(units => sum(transfer.lines.map(units))) as [
    number,
    number,
    number,
  ]
  transfer.state = sent === 0 ? (left > 0 ? 'requested' : 'cancelled') : left > 0 || way > 0 ? 'sent' : 'received'
  return transfer.state
}
