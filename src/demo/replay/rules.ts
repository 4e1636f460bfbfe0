import type { SalesRow } from './rows.ts'

/** What a line of an invoice is, by the rules that the report states. */
export type LineKind =
  /** Sold, also without a customer and at price zero when it names a product. */
  | 'sale'
  /** Line of a cancellation: goods that came back. */
  | 'return'
  /** No buyer and no price: the retailer corrected its own stock. */
  | 'adjustment'
  | 'not-goods'
  | 'negative-price'
  /** A positive quantity in a cancellation. */
  | 'contradiction'

/** The rules in words, as the report prints them. */
export const RULES: Readonly<Record<string, string>> = {
  notGoods: 'codes that are no goods (POST, BANK CHARGES, AMAZONFEE, DOT, D, M, C2, S, PADS, gift_…): skipped, also in cancellations',
  letterCase: 'codes that differ only in capital letters are one code, written in capitals',
  doubledLines: 'lines of one code in one invoice are merged: quantities are added, the first price counts',
  descriptions:
    'of several descriptions of a code the most frequent one is the title; remarks of a clerk (none, or without capitals) are none',
  prices: 'the catalog price of a code is its most frequent positive one; every sale keeps its own price',
  adjustments:
    'negative quantities outside of cancellations, and lines at price zero that name no product, are stock adjustments with their remark as reason',
  refusedAdjustments: 'an adjustment that would take more than is there is refused by the hub, and is not made',
  gifts: 'lines at price zero that name a product are sales at 0.00',
  negativePrices: 'lines at a negative price are book-keeping, not goods: skipped',
  noCustomer: 'a line without customer is a sale all the same, and its goods can come back only as older ones',
  contradictions: 'positive quantities in a cancellation contradict it: skipped',
  unreadable: 'lines that cannot be read are skipped and listed',
  olderReturns:
    'a return with no sale of that code to that customer in these days is of older goods: it is booked to stock without an order',
  undelivered:
    'what was never delivered (cut, or short) cannot come back: that part of a return is left out, in WooCommerce the whole line while it is short',
  lostDemand: 'a platform never sells more than it shows: a line that wants more is cut to that',
}

const NOT_GOODS = new Set(['POST', 'BANK CHARGES', 'AMAZONFEE', 'DOT', 'D', 'M', 'C2', 'S', 'PADS', 'B', 'CRUK'])

/** Whether a code (in capitals) is a fee, a voucher or book-keeping rather than goods. */
export function isNotGoods(code: string): boolean {
  return NOT_GOODS.has(code) || code.startsWith('GIFT_')
}

/** Whether a description is a clerk's remark ("check", "damages", nothing): products are written with capitals. */
export function isRemark(description: string): boolean {
  return !/\p{Lu}/u.test(description)
}

export function isCancellation(invoice: string): boolean {
  return invoice.startsWith('C')
}

/** Judges one line by itself. */
export function kindOf(row: SalesRow): LineKind {
  if (isNotGoods(row.code)) return 'not-goods'
  if (row.price.startsWith('-')) return 'negative-price'
  if (isCancellation(row.invoice)) return row.quantity < 0 ? 'return' : 'contradiction'
  if (row.quantity < 0) return 'adjustment'
  return row.price === '0' && isRemark(row.description) ? 'adjustment' : 'sale'
}
