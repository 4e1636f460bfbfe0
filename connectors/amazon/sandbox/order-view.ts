import { z } from 'zod'
import { billOf, shipByOf, termsOf } from '../../sandbox-bill.ts'
import { proceedsOf } from './proceeds.ts'
import type { LineRow, OrderRow, PackageRow, World } from './world.ts'

/** What a seller has stated that he needs. */
const HANDLING_HOURS = 48

const personShape = z.object({ name: z.string(), email: z.string(), city: z.string(), country: z.string() }).nullable()

export function orderRow({ store }: World, id: string): OrderRow | undefined {
  return store.one<OrderRow>('select * from orders where id = ?', id)
}

export function linesOf({ store }: World, orderId: string): LineRow[] {
  return store.all<LineRow>('select * from line where order_id = ? order by id', orderId)
}

/** An order as Orders 2026-01-01 shows it, with the data sets that were asked for. */
export function orderView(world: World, order: OrderRow, included: readonly string[]): object {
  const lines = linesOf(world, order.id)
  const currency = world.options.marketplaces.find(one => one.id === order.marketplace)?.currency ?? 'EUR'
  const person = personShape.parse(JSON.parse(order.person))
  const bill = billOf(
    termsOf(order.terms),
    lines.map(line => ({ quantity: line.quantity, price: line.unit_price })),
    currency,
  )
  const perItem = proceedsOf(bill, currency)
  const has = (name: string) => included.includes(name)
  return {
    orderId: order.id,
    ...(order.alias === null ? {} : { orderAliases: [{ aliasId: order.alias, aliasType: 'SELLER_ORDER_ID' }] }),
    createdTime: instant(order.created_ms),
    lastUpdatedTime: instant(order.updated_ms),
    salesChannel: { channelName: 'AMAZON', marketplaceId: order.marketplace },
    ...(has('BUYER') && person && order.is_foreign === 0 ? { buyer: { buyerName: person.name, buyerEmail: person.email } } : {}),
    ...(has('RECIPIENT') && person && order.is_foreign === 0
      ? { recipient: { deliveryAddress: { name: person.name, city: person.city, countryCode: person.country } } }
      : {}),
    ...(has('PROCEEDS') ? { proceeds: { grandTotal: { amount: bill.text(bill.total), currencyCode: currency } } } : {}),
    ...(has('FULFILLMENT')
      ? {
          fulfillment: {
            fulfillmentStatus: order.state,
            fulfilledBy: order.is_foreign === 1 ? 'AMAZON' : 'MERCHANT',
            fulfillmentServiceLevel: 'STANDARD',
            shipByWindow: {
              earliestDateTime: instant(order.created_ms),
              latestDateTime: shipByOf(termsOf(order.terms), new Date(order.created_ms), HANDLING_HOURS),
            },
          },
        }
      : {}),
    orderItems: lines.map((line, n) => ({
      orderItemId: line.id,
      quantityOrdered: line.quantity,
      product: { title: line.title, sellerSku: line.sku, price: { unitPrice: { amount: line.unit_price, currencyCode: currency } } },
      ...(has('PROCEEDS') ? { proceeds: perItem[n] } : {}),
      ...(has('CANCELLATION') && line.cancelled > 0
        ? { cancellation: { cancellationExecution: { cancelledBy: order.cancelled_by } } }
        : {}),
      ...(has('FULFILLMENT')
        ? { fulfillment: { quantityFulfilled: line.shipped, quantityUnfulfilled: line.quantity - line.shipped - line.cancelled } }
        : {}),
    })),
    ...(has('PACKAGES') && order.is_foreign === 0 ? { packages: packagesOf(world, order.id) } : {}),
  }
}

function packagesOf({ store }: World, orderId: string): object[] {
  return store.all<PackageRow>('select * from package where order_id = ? order by created_ms, reference', orderId).map(row => ({
    packageReferenceId: row.reference,
    createdTime: instant(row.created_ms),
    packageStatus: { status: 'SHIPPED' },
    carrier: row.carrier,
    shipTime: row.ship_at,
    trackingNumber: row.tracking,
    packageItems: JSON.parse(row.items) as unknown,
  }))
}

const SPELLED: Readonly<Record<OrderRow['state'], string>> = {
  PENDING: 'Pending',
  UNSHIPPED: 'Unshipped',
  PARTIALLY_SHIPPED: 'PartiallyShipped',
  SHIPPED: 'Shipped',
  CANCELLED: 'Canceled',
}

/** An ORDER_CHANGE notification: the whole order as it is now. Its time of change is the order's last update, as a search tells it. */
export function orderChange(world: World, order: OrderRow, reason: string): object {
  const lines = linesOf(world, order.id)
  const sum = (count: (line: LineRow) => number) => lines.reduce((total, line) => total + count(line), 0)
  return {
    ...envelope(world, 'ORDER_CHANGE', '1.0'),
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: 'OrderLevel',
        SellerId: world.options.sellerId,
        AmazonOrderId: order.id,
        OrderChangeType: 'OrderStatusChange',
        OrderChangeTrigger: { TimeOfOrderChange: instant(order.updated_ms), ChangeReason: reason },
        Summary: {
          MarketplaceId: order.marketplace,
          OrderStatus: SPELLED[order.state],
          PurchaseDate: instant(order.created_ms),
          DestinationPostalCode: null,
          FulfillmentType: order.is_foreign === 1 ? 'AFN' : 'MFN',
          OrderType: 'StandardOrder',
          NumberOfItemsShipped: sum(line => line.shipped),
          NumberOfItemsUnshipped: order.state === 'PENDING' ? 0 : sum(line => line.quantity - line.shipped - line.cancelled),
          OrderItems: lines.map(line => ({
            OrderItemId: line.id,
            SellerSKU: line.sku,
            SupplySourceId: null,
            Quantity: line.quantity,
            QuantityShipped: line.shipped,
          })),
        },
      },
    },
  }
}

/** A LISTINGS_ITEM_MFN_QUANTITY_CHANGE notification. */
export function quantityChange(world: World, sku: string, quantity: number): object {
  return {
    ...envelope(world, 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE', '1.0'),
    Payload: { SellerId: world.options.sellerId, FulfillmentChannelCode: 'DEFAULT', Sku: sku, Quantity: quantity },
  }
}

function envelope(world: World, type: string, payloadVersion: string): object {
  const at = world.options.now().toISOString()
  return {
    NotificationVersion: '1.0',
    NotificationType: type,
    PayloadVersion: payloadVersion,
    EventTime: at,
    NotificationMetadata: {
      ApplicationId: 'amzn1.sellerapps.app.sandbox',
      SubscriptionId: 'sandbox-subscription',
      PublishTime: at,
      NotificationId: crypto.randomUUID(),
    },
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}
