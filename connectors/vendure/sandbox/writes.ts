import { z } from 'zod'
import type { SandboxFault } from '../../sandbox.ts'
import { Refusal, type Resolver } from '../../sandbox-graphql.ts'
import { setOnHand, setPrice, variantById, variantThing } from './catalog.ts'
import { currenciesOf, locationsOf, type Server, type VariantRow } from './schema.ts'

const OPERATION = 'UpdateVariants'

const input = z.array(
  z.strictObject({
    id: z.string(),
    stockLevels: z.array(z.strictObject({ stockLocationId: z.string(), stockOnHand: z.int() })).optional(),
    prices: z.array(z.strictObject({ currencyCode: z.string(), price: z.int() })).optional(),
  }),
)

export type Applied =
  | { readonly kind: 'stock'; readonly variantId: number; readonly locationId: string; readonly onHand: number }
  | { readonly kind: 'price'; readonly variantId: number; readonly currency: string; readonly price: number }

/** Does what was accepted; at once, or when the fault `late` is over. */
export function apply(server: Server, change: Applied): void {
  if (change.kind === 'stock') setOnHand(server, change.variantId, change.locationId, change.onHand, 'push')
  else setPrice(server, change.variantId, change.currency, change.price)
}

/**
 * `updateProductVariants`: all or nothing, so the first that is wrong refuses the call. Prices are merged by currency. Half of the variants of a call leave the channel
 * under the fault `partial`, and are unknown from then on to whoever writes.
 */
export const updateVariants =
  (server: Server): Resolver =>
  ({ input: asked }) => {
    const { store } = server
    const rows = input.parse(asked)
    const strikes = (kind: SandboxFault['kind']): boolean => store.strikes(kind, OPERATION)
    if (rows.length > 0 && strikes('partial'))
      for (const { id } of rows.filter((_, at) => at % 2 === 0)) store.run('update variant set is_barred = 1 where id = ?', Number(id))
    const changes: Applied[] = []
    const variants: VariantRow[] = []
    for (const { id, stockLevels = [], prices = [] } of rows) {
      const variant = variantById(server, id)
      if (!variant || variant.is_barred === 1) throw new Refusal(`No ProductVariant with the id "${id}" could be found`, 'ENTITY_NOT_FOUND')
      if (store.strikes('poison', OPERATION, variant.sku)) throw new Refusal('QueryFailedError')
      for (const { stockLocationId: locationId, stockOnHand: onHand } of stockLevels) {
        if (!locationsOf(server).some(one => one.id === locationId)) throw new Refusal('FOREIGN KEY constraint failed')
        changes.push({ kind: 'stock', variantId: variant.id, locationId, onHand })
      }
      for (const { currencyCode: currency, price } of prices) {
        if (!currenciesOf(server).includes(currency))
          throw new Refusal(`The currency "${currency}" is not available in the current Channel`, 'USER_INPUT_ERROR')
        changes.push({ kind: 'price', variantId: variant.id, currency, price })
      }
      variants.push(variant)
    }
    if (rows.length === 0) return []
    const isDropped = strikes('not-applied')
    const isLate = !isDropped && strikes('late')
    for (const change of changes) {
      if (isLate) store.later('apply', '', change, store.lateMs)
      else if (!isDropped) apply(server, change)
    }
    return variants.map(row => variantThing(server, row))
  }
