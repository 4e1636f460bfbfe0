/** Why a receipt is refused. `value` is what stands there, `more` what goes with it: the most that may be, or the store of whoever sends it. */
export const RECEIPT_CODES = [
  ...(['bad_till', 'bad_receipt', 'bad_location', 'bad_sku', 'bad_quantity', 'bad_lot', 'bad_sold_at'] as const),
  ...(['lines_most', 'two_locations', 'unknown_sku', 'unknown_location', 'no_lots', 'future'] as const),
  ...(['other_sale', 'other_store', 'no_store', 'other'] as const),
] as const

export type ReceiptCode = (typeof RECEIPT_CODES)[number]

/** `other` is a sentence already. */
export type ReceiptWords = Readonly<Record<Exclude<ReceiptCode, 'other'>, (value: string, more: string) => string>>

const noText = (name: string) => (value: string, most: string) => `"${value}" is no ${name}: 1 to ${most} visible characters`

/** The same in English. */
export const RECEIPT_TEXT: ReceiptWords = {
  bad_till: noText('till'),
  bad_receipt: noText('receipt'),
  bad_location: noText('location'),
  bad_sku: value => `"${value}" is no SKU`,
  bad_quantity: value => `"${value}" is no number of units`,
  bad_lot: value => `"${value}" is no lot`,
  bad_sold_at: value => `"${value}" is no instant with its zone`,
  lines_most: most => `a receipt has at most ${most} lines`,
  two_locations: value => `the receipt is of ${value} already`,
  unknown_sku: value => `There is no SKU ${value}.`,
  unknown_location: value => `There is no location ${value}.`,
  no_lots: value => `This SKU keeps no lots, so lot ${value} cannot be named: leave it out, or keep lots of the SKU first.`,
  future: value => `${value} is in the future.`,
  other_sale: value => `Another sale was booked as receipt ${value}.`,
  other_store: (value, own) => `Not of ${value}: a clerk of ${own} books receipts of ${own}.`,
  no_store: value => `Not of ${value}: a clerk books receipts of their own store, and has none.`,
}
