import { currencyDigits, parseDecimal } from '../../src/values/money.ts'
import { AccountTrouble, type FieldOutcome, type PushItem, type PushOutcome, type ShownPrice } from '../contract.ts'
import type { Settings } from './access.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { offerOf } from './offer.ts'
import { type Submission, submissionShape } from './wire.ts'

const STOCK = 'fulfillment_availability'
export const PRICE = 'purchasable_offer'

type Account = { readonly settings: Settings; readonly client: Client }

/** Sends each listing's values in one call: stock and the prices of all its marketplaces together. */
export async function push(account: Account, items: readonly PushItem[]): Promise<PushOutcome[]> {
  const outcomes: PushOutcome[] = []
  for (const item of items) outcomes.push(await pushOne(account, item))
  return outcomes
}

async function pushOne(account: Account, item: PushItem): Promise<PushOutcome> {
  const refused = (item.prices ?? []).map(one => refusal(item, one.price))
  if (refused.every(one => one === null)) return send(account, item)
  const prices = (item.prices ?? []).filter((_, n) => refused[n] === null)
  const { prices: _, ...rest } = item
  const sendable: PushItem = prices.length === 0 ? rest : { ...rest, prices }
  const sent = sendable.stock || sendable.prices ? await send(account, sendable) : {}
  const taken = [...(sent.prices ?? [])]
  return {
    ...sent,
    prices: refused.map(one => one ?? taken.shift() ?? { status: 'retry', words: 'Amazon did not answer for it', afterMs: 0 }),
  }
}

/** Amazon keeps amounts with its currency's digits: what it would round is not sent, as it would never be read back as it was meant. */
export function refusal(item: PushItem, { currency, regular, sale }: ShownPrice): FieldOutcome | null {
  const digits = currencyDigits(currency)
  const wrong = [regular, ...(sale === null ? [] : [sale.amount])].find(amount => (parseDecimal(amount)?.decimalPlaces() ?? 0) > digits)
  if (wrong === undefined) return null
  const words = `${item.listing.externalSku}: Amazon takes ${currency} with at most ${digits} decimals, not ${wrong}; round the channel's prices to the currency's digits.`
  return { status: 'rejected', code: 'not_sendable', words }
}

async function send(account: Account, item: PushItem): Promise<PushOutcome> {
  const call = patchCall(account.settings, item)
  try {
    const answer = await account.client(call)
    const error = answer.status >= 400 ? (errorIn(answer.json) ?? { code: String(answer.status), words: `status ${answer.status}` }) : null
    if (error) return forAll(item, { status: 'rejected', code: error.code, words: error.words })
    return verdict(item, promised(call, submissionShape, answer))
  } catch (error) {
    // "Too many" is about this operation only, others have buckets of their own: the value waits, not the account.
    if (error instanceof AccountTrouble && error.kind === 'throttled')
      return forAll(item, { status: 'retry', words: error.message, afterMs: error.afterMs, throttled: true })
    throw error
  }
}

/** The PATCH for one listing. Stock is merged, because `replace` would wipe the seller's handling time beside the quantity. */
export function patchCall(settings: Settings, item: PushItem): Call {
  const prices = item.prices ?? []
  const marketplaces = new Set(prices.map(one => one.channelRef))
  if (item.stock || marketplaces.size === 0) marketplaces.add(item.listing.channelRef)
  return {
    operation: 'patchListingsItem',
    method: 'PATCH',
    writes: true,
    urgent: item.urgent === true,
    first: item.first === true,
    path: `/listings/2021-08-01/items/${encodeURIComponent(settings.sellerId)}/${encodeURIComponent(item.listing.externalSku)}`,
    query: { marketplaceIds: [...marketplaces].sort().join(','), issueLocale: 'en_US' },
    body: {
      // Offers can be patched without naming the exact type: `PRODUCT` is Amazon's word for any.
      productType: item.listing.productType ?? 'PRODUCT',
      patches: [
        ...(item.stock
          ? [{ op: 'merge', path: `/attributes/${STOCK}`, value: [{ fulfillment_channel_code: 'DEFAULT', quantity: item.stock.quantity }] }]
          : []),
        ...(prices.length > 0 ? [pricePatch(prices)] : []),
      ],
    },
  }
}

/** The patch that replaces the consumer offers of these marketplaces. */
export function pricePatch(prices: NonNullable<PushItem['prices']>) {
  return { op: 'replace', path: `/attributes/${PRICE}`, value: prices.map(one => offerOf(one.channelRef, one.price)) }
}

/**
 * ACCEPTED means queued at Amazon, not live. INVALID means that nothing of the call was taken: the fields that Amazon names are refused in its
 * words, the others of the same call go again without them, so that a refused price never holds stock back.
 */
function verdict(item: PushItem, submission: Submission): PushOutcome {
  if (submission.status === 'ACCEPTED') return forAll(item, { status: 'accepted', applied: false })
  const errors = (submission.issues ?? []).filter(issue => issue.severity === 'ERROR')
  const refusedFor = (issues: typeof errors): FieldOutcome | null =>
    issues.length === 0
      ? null
      : { status: 'rejected', code: issues.map(one => one.code).join(','), words: issues.map(one => one.message).join(' ') }
  const about = (attribute: string, marketplace?: string) =>
    errors.filter(
      issue =>
        issue.attributeNames?.some(name => name.startsWith(attribute)) &&
        (marketplace === undefined || issue.marketplaceIds === undefined || issue.marketplaceIds.includes(marketplace)),
    )
  const stock = item.stock ? refusedFor(about(STOCK)) : null
  const prices = (item.prices ?? []).map(one => refusedFor(about(PRICE, one.channelRef)))
  if (stock === null && prices.every(price => price === null)) {
    const whole = refusedFor(errors) ?? {
      status: 'rejected',
      code: submission.status,
      words: 'Amazon refused the values without a reason.',
    }
    return forAll(item, whole)
  }
  const again: FieldOutcome = {
    status: 'retry',
    words: 'Sent in one call with a value that Amazon refused; it goes again alone.',
    afterMs: 0,
  }
  return {
    ...(item.stock ? { stock: stock ?? again } : {}),
    ...(item.prices ? { prices: prices.map(price => price ?? again) } : {}),
  }
}

function forAll(item: PushItem, outcome: FieldOutcome): PushOutcome {
  return {
    ...(item.stock ? { stock: outcome } : {}),
    ...(item.prices ? { prices: item.prices.map(() => outcome) } : {}),
  }
}
