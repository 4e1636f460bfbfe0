/** The words about what an order costs, in English. */
export const enOrderAmounts = {
  title: 'Amounts',
  included: 'Prices include tax',
  onTop: 'Tax comes on top',
  unitWithTax: 'Unit price with tax',
  unitWithoutTax: 'Unit price without tax',
  what: 'For',
  columns: { price: 'Price', discount: 'Discount', tax: 'Tax', total: 'Total' },
  shipping: 'Shipping',
  fees: 'Fees',
  discount: 'Discount on the order',
  tax: 'Tax in all',
  total: 'Total',
  giftCards: 'By gift card',
  paid: 'Paid',
  amiss: (difference: string) =>
    `The channel's amounts do not add up: a total differs from its parts by ${difference}. They are kept as stated; compare them with the platform.`,
  rounding: (difference: string) => `The channel's amounts differ by rounding: ${difference}. They are kept as stated.`,
}
