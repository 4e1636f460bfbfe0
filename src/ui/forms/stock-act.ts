import { balancesOfSku, type StockLine } from '../../../db/stock.ts'
import { changeStock, type StockChange } from '../../usecases/change-stock.ts'
import type { Context } from '../../usecases/context.ts'
import { Fault } from '../../values/fault.ts'
import { listed, number } from '../format.ts'
import { STOCK_ACTS, type StockAct } from '../pages/stock/act-form.tsx'
import { amount, choice, day, type Given, keyOf, refusal, required, signedUnits, text, units } from './given.ts'
import { withWarnings } from './warned.ts'

/**
 * Carries out the form of one act on a SKU's stock. Says what was before and what is now; a form sent twice says only what is now. It warns of units that
 * came past their time.
 */
export async function actOnStock(given: Given, context: Context, sku: string): Promise<string | { readonly warning: string }> {
  const t = given.view.t.stock.move
  const kind = choice(given, 'kind', t.act, STOCK_ACTS)
  const quantity = kind === 'adjust' ? signedUnits(given, 'quantity', t.units.adjust) : units(given, 'quantity', t.units[kind])
  const location = required(given, 'location', given.view.t.sku.stock.location)
  if (quantity === 0 && kind !== 'count' && kind !== 'safety') throw refusal(t.zero(t.units[kind]), 'quantity')
  const change: StockChange = { kind, sku, location, quantity, ...more(given, kind) }
  const before = (await balancesOfSku(context.sql, sku)).find(row => row.location === location)
  const { lines, warnings, replayed } = await changeStock(context, keyOf(given), [change]).catch(error => {
    throw inWords(given, kind, error)
  })
  const line = lines.find(one => one.location === location)
  if (line === undefined) throw new Fault('not_found', `There is no location ${location}.`, { field: 'location', value: location })
  return withWarnings(given.view, told(given, kind, sku, replayed ? line : { ...empty, ...before }, line), warnings)
}

const empty = { onHand: 0, unavailable: 0, safetyStock: 0 }
type Numbers = Pick<StockLine, 'onHand' | 'unavailable' | 'safetyStock'>

/** Which numbers an act is about: the first always, the others where they changed. */
const ABOUT: Readonly<Record<StockAct, readonly (keyof Numbers)[]>> = {
  receive: ['onHand'],
  sale: ['onHand'],
  adjust: ['onHand', 'unavailable'],
  damage: ['unavailable'],
  restore: ['unavailable'],
  return: ['onHand', 'unavailable'],
  count: ['onHand', 'unavailable'],
  safety: ['safetyStock'],
}

function told({ view }: Given, kind: StockAct, sku: string, before: Numbers, now: StockLine): string {
  const t = view.t.stock.move
  const count = (value: number): string => number(value, view.language)
  const parts = ABOUT[kind]
    .filter((bucket, at) => at === 0 || before[bucket] !== now[bucket])
    .map(bucket =>
      before[bucket] === now[bucket]
        ? t.is(t.buckets[bucket], count(now[bucket]))
        : t.went(t.buckets[bucket], count(before[bucket]), count(now[bucket])),
    )
  return t.done(sku, now.location, listed(parts, view.language), count(now.available))
}

function more(given: Given, kind: StockAct): Partial<StockChange> {
  const t = given.view.t.stock.move
  if (kind === 'safety') return {}
  const reason = text(given, 'reason').slice(0, 200)
  const reasonCode = text(given, 'reasonCode')
  const lot = text(given, 'lot')
  const expiresAt = day(given, 'expiresAt', t.expires)
  const unitCost = kind === 'receive' && text(given, 'unitCost') !== '' ? amount(given, 'unitCost', t.unitCost) : undefined
  const currency = unitCost === undefined ? undefined : required(given, 'currency', t.currency).toUpperCase()
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) throw refusal(given.view.t.errors.currency(currency), 'currency')
  if (expiresAt !== undefined && lot === '') throw refusal(t.lotFirst, 'lot')
  return {
    ...(reason === '' ? {} : { reason }),
    ...(reasonCode === '' ? {} : { reasonCode }),
    ...(lot === '' ? {} : { lot }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(unitCost === undefined ? {} : { unitCost, currency }),
    ...(kind === 'return' && choice(given, 'to', t.to, ['stock', 'unavailable']) === 'unavailable' ? { to: 'unavailable' } : {}),
  }
}

type Missing = { readonly sku: string; readonly location: string; readonly asked: number; readonly available: number }

/** What was refused, in words of this act and at its field; other errors stay as they are. */
function inWords(given: Given, kind: StockAct, error: unknown): unknown {
  if (!(error instanceof Fault)) return error
  const t = given.view.t.stock.move
  const [missing] = (Array.isArray(error.detail.missing) ? error.detail.missing : []) as readonly Missing[]
  if (missing !== undefined) {
    const words = kind === 'damage' ? t.tooManyAside : kind === 'restore' ? t.tooManyBack : given.view.t.sku.stock.belowZero
    return new Fault('insufficient_stock', words(missing.sku, missing.location, missing.available, missing.asked), {
      field: 'quantity',
      isTranslated: true,
    })
  }
  if (error.code === 'conflict' && error.detail.field === 'currency')
    return refusal(t.otherCurrency(String(error.detail.expected), String(error.detail.value)), 'currency')
  return error
}
