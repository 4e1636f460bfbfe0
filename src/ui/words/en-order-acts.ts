const units = (n: number): string => (n === 1 ? '1 unit' : `${n} units`)

/** The words about what a platform is asked to do with an order, in English. */
export const enOrderActs = {
  lines: 'Lines',
  byBasket: 'placed',
  names: { acknowledge: 'acknowledge', ready: 'ready for pick-up', ship: 'ship', cancel: 'cancel', refund: 'refund' },
  cause: 'Why',
  causes: {
    customer: 'The customer asked for it',
    stock: 'Out of stock',
    undeliverable: 'Cannot be delivered there',
    price: 'The price was wrong',
    fraud: 'Suspected fraud',
    other: 'Another reason',
    returned: 'The goods came back',
    lost: 'The goods never arrived',
    faulty: 'Not what was promised, or broken',
  },
  acknowledge: 'Accept',
  acknowledgeHint: 'Tells the channel that the order was accepted.',
  ready: 'Ready for pick-up',
  readyHint: (n: number) => `Tells the channel that ${units(n)} may be collected; stock stays where it is.`,
  shipPart: 'Only a part of them',
  shipUnits: (sku: string, n: number) => `Units of ${sku} (of ${n})`,
  told: (number: string, n: number) => `Order ${number}: the channel is being told of ${units(n)}; the answer appears below.`,
  again: 'Ask again',
  againHint: 'Mend first what the channel names, or do it there by hand. Here it is booked already.',
  refund: 'Refund',
  refundHint: 'Gives money back through the channel. Stock stays where it is: goods that come back are booked as a return.',
  refundLine: (sku: string) => `Back for ${sku}`,
  refundUnits: (ordered: number) => `for units (of ${ordered})`,
  refundShipping: 'Back for shipping',
  refundNothing: 'Enter an amount for a line or for shipping.',
  refunded: (number: string) => `Order ${number}: the channel is being asked to refund; the answer appears below.`,
  cannotRefund: (platform: string) => `${platform} gives no money back for us: refund in its own back office.`,
  cancelsWhole: (platform: string) =>
    `${platform} cancels whole orders only: a cancellation in part is refused, and has to be settled there by hand.`,
}
