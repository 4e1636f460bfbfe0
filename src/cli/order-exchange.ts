import { orderReturns } from '../../db/order-life.ts'
import { cancelReturn, LOOKED, lookedAt } from '../usecases/change-order.ts'
import { type ExchangeWish, exchangeOrder } from '../usecases/exchange-order.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { instantOf } from './instants.ts'
import { findOrder, LINES_MOST, partsOf, tellOrder, WHICH } from './order.ts'
import { ownKey, wholeUnits } from './stock.ts'

const text = { type: 'string' } as const

/** `order exchange|not-coming`. */
export const orderExchangeCommands: readonly Command[] = [
  {
    name: 'order exchange',
    usage: `ORDER SKU=UNITS… --for SKU=UNITS… [--location CODE --to ${LOOKED.join('|')}] [--collect-at STORE | --counter STORE] [--return-by INSTANT [--wait]] [--difference AMOUNT] [--reason TEXT] [--key KEY]`,
    summary: 'Exchange goods: some come back, others go out for them',
    details: `${WHICH} What goes out (--for, once for each SKU) is an order of its own, promised stock in the same moment: all of it or nothing is done.
With --to the goods are at --location, and somebody has looked at them; without, they are still to come (to --location), by --return-by. --wait: what goes
out is held until then, and what did not come for it is cancelled. It is sent, collected at a store, or handed over at its --counter at once.
--difference is what the buyer is to pay more, or (--difference=-4.90) is to get back: noted, not charged.`,
    examples: [
      'order exchange 1042 TEA-GREEN=1 --for TEA-BLACK=1 --return-by 2030-01-31T22:00:00Z --wait',
      'order exchange my-shop/4711 CUP-BLUE=1 --for CUP-RED=1 --location kiel --to stock --counter kiel',
    ],
    options: {
      ...{
        for: { type: 'string', multiple: true },
        location: text,
        to: text,
        'collect-at': text,
        counter: text,
        wait: { type: 'boolean' },
      },
      ...{ 'return-by': text, difference: text, reason: text, key: text },
    },
    takes: [2, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const lines = (await partsOf(call, id)) ?? []
      const to = whereTo(call)
      const done = await exchangeOrder(call.context, call.text('key') ?? ownKey(), id, {
        ...(to === undefined ? { announced: lines } : { received: lookedAt(lines, to) }),
        location: call.text('location'),
        replacement: { lines: goesOut(call), ...handOver(call) },
        waits: call.flag('wait'),
        ...{ returnBy: instantOf(call, 'return-by'), difference: call.text('difference'), reason: call.text('reason') },
      })
      const { returnId, replacementId, number, state, replacementState, replayed } = done
      const said = [`Return ${returnId}; order ${number} (${replacementId}) goes out for it: ${replacementState}.`]
      call.answer(
        { returnId, replacementId, number, state, replacementState, replayed },
        [...said, ...(replayed ? ['This was done before; nothing was changed.'] : [])].join('\n'),
      )
      return 0
    },
  },
  {
    name: 'order not-coming',
    usage: 'ORDER RETURN [--key KEY]',
    summary: 'Note that announced goods will not come back',
    details: `${WHICH} RETURN is the number of the return. What waits to go out in exchange for it is cancelled.`,
    examples: ['order not-coming 1042 17'],
    options: { key: text },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const returnId = wholeUnits(call.args[1] ?? '', false)
      if (!(await orderReturns(call.context.sql, id)).some(one => one.id === returnId))
        throw new Fault('not_found', `There is no return ${returnId} of this order.`)
      return tellOrder(call, id, await cancelReturn(call.context, call.text('key') ?? ownKey(), id, returnId))
    },
  },
]

/** What the look at goods said, where `--to` tells. */
export function whereTo(call: Call): (typeof LOOKED)[number] | undefined {
  const word = call.text('to')
  const to = LOOKED.find(one => one === word)
  if (word !== undefined && to === undefined) throw wrongUsage(`--to is one of ${LOOKED.join(', ')}`)
  return to
}

/** What `--for` names. */
function goesOut(call: Call): ExchangeWish['replacement']['lines'] {
  return call.texts('for').map(word => {
    const [, sku, units = ''] = /^(.+)=(\d+)$/.exec(word) ?? []
    const quantity = sku === undefined ? 0 : wholeUnits(units, false)
    if (sku === undefined || quantity === 0) throw wrongUsage(`--for ${word} is not SKU=UNITS`)
    return { sku, quantity }
  })
}

function handOver(call: Call): Pick<ExchangeWish['replacement'], 'handOver' | 'location'> {
  const [store, counter] = [call.text('collect-at'), call.text('counter')]
  if (store !== undefined && counter !== undefined) throw wrongUsage('--collect-at and --counter exclude each other')
  if (counter !== undefined) return { handOver: 'counter', location: counter }
  return store === undefined ? { handOver: 'ship' } : { handOver: 'collect', location: store }
}
