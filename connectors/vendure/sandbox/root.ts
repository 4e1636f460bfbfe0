import { type Args, Refusal, type Resolver, type Thing } from '../../sandbox-graphql.ts'
import { addFulfilment, cancelOrder, refundOrder, transitionFulfilment } from './acts.ts'
import { variantById, variantThing } from './catalog.ts'
import { listOf } from './lists.ts'
import { orderById, orderList, orderThing } from './order-view.ts'
import {
  channelTokenOf,
  currenciesOf,
  locationsOf,
  PERMISSIONS,
  type Permission,
  precisionOf,
  type Server,
  thresholdOf,
  type VariantRow,
} from './schema.ts'
import { openSession } from './sessions.ts'
import { updateVariants } from './writes.ts'

export const FORBIDDEN = 'You are not currently authorized to perform this action'

/** Only with the permission; a key that the server does not know has none, and is told the same. */
function guarded(server: Server, permission: Permission, resolve: Resolver): Resolver {
  return (args, directives) => {
    if (!(server.options.permissions ?? PERMISSIONS).includes(permission)) throw new Refusal(FORBIDDEN, 'FORBIDDEN')
    return resolve(args, directives)
  }
}

/** What queries begin at. */
export function queryRoot(server: Server): Thing {
  const { options, store } = server
  return {
    __typename: 'Query',
    activeChannel: {
      ...{
        __typename: 'Channel',
        defaultCurrencyCode: currenciesOf(server)[0],
        id: '1',
        code: '__default_channel__',
        token: channelTokenOf(server),
        availableCurrencyCodes: currenciesOf(server),
      },
      ...{ pricesIncludeTax: options.pricesIncludeTax ?? true, trackInventory: true, outOfStockThreshold: thresholdOf(server) },
    },
    globalSettings: {
      ...{ __typename: 'GlobalSettings', id: '1', trackInventory: true, outOfStockThreshold: thresholdOf(server) },
      serverConfig: { __typename: 'ServerConfig', moneyStrategyPrecision: precisionOf(server) },
    },
    stockLocations: () => ({
      __typename: 'StockLocationList',
      items: locationsOf(server).map(({ id, name }) => ({ __typename: 'StockLocation', id, name })),
    }),
    productVariants: guarded(server, 'ReadCatalog', ({ options: asked }: Args) =>
      listOf(
        store.all<VariantRow>('select * from variant order by id'),
        asked,
        (row, field) => ({ id: row.id, sku: row.sku })[field] ?? null,
        row => variantThing(server, row),
      ),
    ),
    productVariant: guarded(server, 'ReadCatalog', ({ id }) => {
      const row = variantById(server, id)
      return row ? variantThing(server, row) : null
    }),
    orders: guarded(server, 'ReadOrder', args => orderList(server, args)),
    order: guarded(server, 'ReadOrder', ({ id }) => {
      const row = orderById(server, id)
      return row ? orderThing(server, row) : null
    }),
  }
}

/** What mutations begin at. */
export function mutationRoot(server: Server): Thing {
  return {
    __typename: 'Mutation',
    login: openSession(server),
    updateProductVariants: guarded(server, 'UpdateCatalog', updateVariants(server)),
    addFulfillmentToOrder: guarded(server, 'UpdateOrder', addFulfilment(server)),
    transitionFulfillmentToState: guarded(server, 'UpdateOrder', transitionFulfilment(server)),
    cancelOrder: guarded(server, 'UpdateOrder', cancelOrder(server)),
    refundOrder: guarded(server, 'UpdateOrder', refundOrder(server)),
  }
}
