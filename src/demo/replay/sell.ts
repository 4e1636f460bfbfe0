import type { SandboxOrder } from '../../../connectors/sandbox.ts'
import { changeStock } from '../../usecases/change-stock.ts'
import { Fault } from '../../values/fault.ts'
import type { AdjustLine, Plan, PlanEvent, Sale } from './plan.ts'
import type { Watch } from './pulse.ts'
import { CHANNEL_REF, type Scene, WAREHOUSE } from './scene.ts'
import { shipWhatIsPromised } from './ship.ts'
import { type Returned, takeBack } from './take-back.ts'

/** Orders that the hub has not booked yet and fields that wait to be sent, beyond which shoppers queue up. */
const ROOM = { orders: 12, fields: 400 }

/** What was really done, as the platforms and the hub answered it. */
export type Done = {
  /** By invoice; null where the platform had nothing left of any line. */
  readonly sold: Map<string, SandboxOrder | null>
  readonly returned: Returned[]
  readonly adjusted: { readonly sku: string; readonly quantity: number }[]
  readonly adjustmentsRefused: AdjustLine[]
}

/**
 * Plays the retailer's days in their order, as fast as the hub keeps up: platforms sell, goods come back, stock is corrected, and at the end
 * of each day everything that is promised is shipped. Returns go on beside the sales, because each waits for its own order's shipment.
 */
export async function playDays(scene: Scene, watch: Watch, plan: Plan): Promise<Done> {
  const done: Done = { sold: new Map(), returned: [], adjusted: [], adjustmentsRefused: [] }
  const beside: Promise<void>[] = []
  const goOn = (work: Promise<void>): void => {
    // A failure beside the sales ends the replay at once, not when the days are over.
    work.catch(scene.fail)
    beside.push(work)
  }
  const sales = plan.events.filter(event => event.kind === 'sale').length
  let day = plan.events[0]?.at.slice(0, 10) ?? ''
  for (const event of plan.events) {
    if (event.at.slice(0, 10) !== day) {
      day = event.at.slice(0, 10)
      goOn(shipWhatIsPromised(scene))
    }
    switch (event.kind) {
      case 'sale': {
        await watch.until(pulse => {
          scene.progress('booked', pulse.orders, sales)
          return orders(done) - pulse.orders < ROOM.orders && pulse.waiting < ROOM.fields
        })
        done.sold.set(event.invoice, await sell(scene, event))
        scene.progress('sold', done.sold.size, sales)
        break
      }
      case 'return':
        goOn(takeBack(scene, watch, event, done))
        break
      case 'adjustment':
        await adjust(scene, event, done)
        break
    }
    scene.signal.throwIfAborted()
  }
  await Promise.all(beside)
  return done
}

/** How many orders the platforms have taken. */
export function orders(done: Done): number {
  return [...done.sold.values()].filter(order => order !== null).length
}

function sell({ platforms }: Scene, sale: Sale): Promise<SandboxOrder | null> {
  const { customer } = sale
  return platforms[sale.platform].buy({
    ref: sale.invoice,
    channelRef: CHANNEL_REF[sale.platform],
    lines: sale.lines,
    ...(customer === null
      ? {}
      : { person: { name: `Customer ${customer}`, email: `customer-${customer}@example.com`, city: 'London', country: 'GB' } }),
  })
}

async function adjust({ context }: Scene, event: PlanEvent & { readonly kind: 'adjustment' }, done: Done): Promise<void> {
  for (const [n, line] of event.lines.entries()) {
    const { sku, quantity, reason } = line
    try {
      await changeStock(context, `replay-adjust-${event.invoice}-${n}`, [{ kind: 'adjust', sku, location: WAREHOUSE, quantity, reason }])
      done.adjusted.push({ sku, quantity })
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'insufficient_stock')) throw error
      done.adjustmentsRefused.push(line)
    }
  }
}
