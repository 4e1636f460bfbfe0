import { type Charge, fromMinorUnits, NO_CHARGE, shareCharge } from '../../../src/values/order-amounts.ts'
import { type Bill, billOf, termsOf } from '../../sandbox-bill.ts'
import type { Args, Thing } from '../../sandbox-graphql.ts'
import { variantById, variantThing } from './catalog.ts'
import { listOf } from './lists.ts'
import {
  type FulfilmentRow,
  type LineRow,
  type OrderRow,
  type PaymentRow,
  type PieceRow,
  precisionOf,
  type RefundRow,
  type Server,
} from './schema.ts'

export const orderById = ({ store }: Server, id: unknown): OrderRow | undefined =>
  store.one<OrderRow>('select * from shop_order where id = ?', Number(id))
export const linesOf = ({ store }: Server, orderId: number): LineRow[] =>
  store.all<LineRow>('select * from order_line where order_id = ? order by id', orderId)
export const fulfilmentsOf = ({ store }: Server, orderId: number): FulfilmentRow[] =>
  store.all<FulfilmentRow>('select * from fulfilment where order_id = ? order by id', orderId)
export const piecesOf = ({ store }: Server, fulfilmentId: number): PieceRow[] =>
  store.all<PieceRow>('select * from fulfilment_line where fulfilment_id = ? order by id', fulfilmentId)
export const paymentsOf = ({ store }: Server, orderId: number): PaymentRow[] =>
  store.all<PaymentRow>('select * from payment where order_id = ? order by id', orderId)
export const refundsOf = ({ store }: Server, paymentId: number): RefundRow[] =>
  store.all<RefundRow>('select * from refund where payment_id = ? order by id', paymentId)

/** Units of a line in fulfilments, of which some kinds may be left out. */
export function fulfilledOf(server: Server, { order_id, id }: LineRow, isCounted: (state: string) => boolean): number {
  return fulfilmentsOf(server, order_id)
    .filter(one => isCounted(one.state))
    .flatMap(one => piecesOf(server, one.id))
    .reduce((sum, piece) => sum + (piece.line_id === id ? piece.quantity : 0), 0)
}

export function totalOf(server: Server, orderId: number): number {
  const row = orderById(server, orderId)
  if (!row) return 0
  const { bill, left } = billOfOrder(server, row, linesOf(server, orderId))
  return left.reduce((sum, one) => sum + one.total, bill.shipping.total)
}

/** What an order cost when it was placed, in the server's smallest unit, and what is left of each line now. The channel says for all its orders whether prices hold the tax. */
function billOfOrder(server: Server, row: OrderRow, lines: readonly LineRow[]): { readonly bill: Bill; readonly left: readonly Charge[] } {
  const precision = precisionOf(server)
  const { tax, ...terms } = termsOf(row.terms)
  const included = server.options.pricesIncludeTax ?? true
  const placed = lines.map(line => ({
    quantity: Math.max(line.placed_quantity, line.quantity),
    price: fromMinorUnits(line.price, precision),
  }))
  const bill = billOf({ ...terms, tax: { percent: tax?.percent ?? 0, included } }, placed, row.currency, precision)
  const left = lines.map((line, n) => {
    const gone = (placed[n]?.quantity ?? 0) - line.quantity
    return shareCharge(bill.lines[n] ?? NO_CHARGE, [line.quantity, gone], included)[0] ?? NO_CHARGE
  })
  return { bill, left }
}

/** A charge without and with tax: before discounts, and as it is paid. */
function pricedOf({ taxIncluded, percent }: Bill, { price, tax, total }: Charge): Record<'net' | 'gross' | 'paidNet' | 'paid', number> {
  const before = Math.round((price * percent) / (taxIncluded ? 100 + percent : 100))
  return { net: taxIncluded ? price - before : price, gross: taxIncluded ? price : price + before, paidNet: total - tax, paid: total }
}

const pieceThing = (type: string, piece: PieceRow): Thing => ({
  __typename: type,
  orderLineId: String(piece.line_id),
  quantity: piece.quantity,
})

/** Where a fulfilment may go from its state. */
export const NEXT_STATES: Readonly<Record<string, readonly string[]>> = {
  Pending: ['Shipped', 'Delivered', 'Cancelled'],
  Shipped: ['Delivered', 'Cancelled'],
  Delivered: ['Cancelled'],
}

export function fulfilmentThing(server: Server, row: FulfilmentRow): Thing {
  return {
    ...{
      __typename: 'Fulfillment',
      id: String(row.id),
      state: row.state,
      method: row.method,
      trackingCode: row.tracking,
      updatedAt: row.updated,
    },
    nextStates: NEXT_STATES[row.state] ?? [],
    lines: () => piecesOf(server, row.id).map(piece => pieceThing('FulfillmentLine', piece)),
  }
}

function lineThing(server: Server, line: LineRow, bill: Bill, charge: Charge): Thing {
  const { net, gross, paidNet, paid } = pricedOf(bill, charge)
  const variant = variantById(server, line.variant_id)
  return {
    ...{
      __typename: 'OrderLine',
      id: String(line.id),
      quantity: line.quantity,
      orderPlacedQuantity: line.placed_quantity,
      updatedAt: line.updated,
    },
    proratedUnitPriceWithTax: line.quantity === 0 ? line.price : Math.round(paid / line.quantity),
    ...{ linePrice: net, linePriceWithTax: gross, proratedLinePrice: paidNet, proratedLinePriceWithTax: paid },
    // An order keeps its variants, also when they are deleted.
    productVariant: variant
      ? variantThing(server, variant)
      : { __typename: 'ProductVariant', id: String(line.variant_id), sku: line.sku, name: line.name },
  }
}

function paymentThing(server: Server, row: PaymentRow): Thing {
  return {
    ...{ __typename: 'Payment', id: String(row.id), state: 'Settled', amount: row.amount, updatedAt: row.updated },
    refunds: () => refundsOf(server, row.id).map(refundThing),
  }
}

export const refundThing = (row: RefundRow): Thing => ({
  ...{ __typename: 'Refund', id: String(row.id), state: 'Settled', total: row.total, createdAt: row.created },
})

type Person = { readonly pickUp?: boolean; readonly name: string; readonly email: string; readonly city: string; readonly country: string }

export function orderThing(server: Server, row: OrderRow): Thing {
  const { store } = server
  const lines = linesOf(server, row.id)
  const { bill, left } = billOfOrder(server, row, lines)
  const way = pricedOf(bill, bill.shipping)
  const person = JSON.parse(row.person) as Person
  const [firstName = '', ...rest] = person.name.split(' ')
  const none = { company: null, streetLine1: '1 Sample Street', streetLine2: null, province: null, postalCode: null, phoneNumber: null }
  return {
    ...{
      __typename: 'Order',
      id: String(row.id),
      code: row.code,
      state: row.state,
      type: row.type,
      updatedAt: row.updated,
      orderPlacedAt: row.placed,
    },
    ...{ currencyCode: row.currency, totalWithTax: left.reduce((sum, one) => sum + one.total, bill.shipping.total) },
    customer: { __typename: 'Customer', id: '1', firstName, lastName: rest.join(' '), emailAddress: person.email, phoneNumber: null },
    shippingAddress: { __typename: 'OrderAddress', ...none, fullName: person.name, city: person.city, countryCode: person.country },
    lines: () => lines.map((line, n) => lineThing(server, line, bill, left[n] ?? NO_CHARGE)),
    shippingLines: () => [
      {
        ...{ __typename: 'ShippingLine', id: String(row.id), price: way.net, priceWithTax: way.gross },
        ...{ discountedPrice: way.paidNet, discountedPriceWithTax: way.paid },
        shippingMethod: { __typename: 'ShippingMethod', id: '1', code: person.pickUp ? 'store-pickup' : 'standard-shipping' },
      },
    ],
    surcharges: () => [],
    fulfillments: () => fulfilmentsOf(server, row.id).map(one => fulfilmentThing(server, one)),
    modifications: () =>
      store
        .all<PieceRow>('select id, line_id, quantity from modification_line where order_id = ? order by id', row.id)
        .map(piece => ({ __typename: 'OrderModification', id: String(piece.id), lines: [pieceThing('OrderModificationLine', piece)] })),
    payments: () => paymentsOf(server, row.id).map(one => paymentThing(server, one)),
    history: () => ({
      __typename: 'HistoryEntryList',
      items: store
        .all<{ id: number; data: string }>('select id, data from cancellation where order_id = ? order by id', row.id)
        .map(one => ({
          __typename: 'HistoryEntry',
          id: String(one.id),
          type: 'ORDER_CANCELLATION',
          data: JSON.parse(one.data) as unknown,
        })),
    }),
  }
}

/** `orders`, as far as the hub asks. */
export function orderList(server: Server, { options }: Args): Thing {
  const fieldOf = (row: OrderRow, field: string): string | number | null =>
    ({ id: row.id, state: row.state, updatedAt: row.updated, orderPlacedAt: row.placed })[field] ?? null
  const rows = server.store.all<OrderRow>('select * from shop_order order by id')
  return listOf(rows, options, fieldOf, row => orderThing(server, row))
}
