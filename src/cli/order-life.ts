import { HELD_BY_HAND, HOLD_KINDS, type HoldKind } from '../../db/order-life.ts'
import { holdOrder, LOOKED, letGoOrder, lookedAt, receiveReturn } from '../usecases/change-order.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { holdRuleCommand } from './hold-rule.ts'
import { findOrder, LINES_MOST, partsOf, tellOrder, WHICH } from './order.ts'
import { whereTo } from './order-exchange.ts'
import { shortRuleCommand } from './short-rule.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { substituteCommands } from './substitute.ts'

const text = { type: 'string' } as const

/** What happens to an order here, where the platform is told nothing. */
export const orderLifeCommands: readonly Command[] = [
  {
    name: 'order hold',
    usage: `ORDER --why ${HELD_BY_HAND.join('|')} [--reason TEXT] [--key KEY]`,
    summary: 'Hold an order: it is not routed and not told as accepted',
    details: `${WHICH} Its stock stays promised.`,
    examples: ['order hold 1042 --why fraud --reason "name and card differ"'],
    options: { why: text, reason: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [{ id }, kind] = [await findOrder(call), whyOf(call, HELD_BY_HAND)]
      if (kind === undefined) throw wrongUsage(`--why is one of ${HELD_BY_HAND.join(', ')}`)
      return tellOrder(call, id, await holdOrder(call.context, call.text('key') ?? ownKey(), id, { kind, reason: call.text('reason') }))
    },
  },
  {
    name: 'order let-go',
    usage: `ORDER [--why ${HOLD_KINDS.join('|')}] [--reason TEXT] [--key KEY]`,
    summary: 'Let a held order go',
    details: `${WHICH} Of all kinds of hold where none is named.`,
    examples: ['order let-go 1042 --reason "called him"'],
    options: { why: text, reason: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const what = { kind: whyOf(call, HOLD_KINDS), reason: call.text('reason') }
      return tellOrder(call, id, await letGoOrder(call.context, call.text('key') ?? ownKey(), id, what))
    },
  },
  {
    name: 'order return',
    usage: `ORDER SKU=UNITS… --location CODE [--to ${LOOKED.join('|')}] [--return ID] [--reason TEXT] [--key KEY]`,
    summary: 'Take goods back that somebody has looked at',
    details: `${WHICH} At any location, whichever they left from. --to: for sale again (stock, the default), put aside (unavailable), or thrown away (scrap).
--return: goods that were announced, by the number of their return; what goes out in exchange for them and waits goes on.`,
    examples: ['order return 1042 TEA-GREEN=1 --location shop-berlin', 'order return my-shop/4711 TEA-GREEN=2 --location main --to scrap'],
    options: { location: text, to: text, return: text, reason: text, key: text },
    takes: [2, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const location = call.text('location')
      if (location === undefined) throw wrongUsage('--location says where the goods came to')
      const announced = call.text('return')
      const returnId = announced === undefined ? undefined : wholeUnits(announced, false)
      const lines = lookedAt((await partsOf(call, id)) ?? [], whereTo(call) ?? 'stock')
      const what = { returnId, location, lines, reason: call.text('reason') }
      return tellOrder(call, id, await receiveReturn(call.context, call.text('key') ?? ownKey(), id, what))
    },
  },
  holdRuleCommand,
  shortRuleCommand,
  ...substituteCommands,
]

function whyOf<Kind extends HoldKind>(call: Call, kinds: readonly Kind[]): Kind | undefined {
  const word = call.text('why')
  const kind = kinds.find(one => one === word)
  if (word !== undefined && kind === undefined) throw wrongUsage(`--why is one of ${kinds.join(', ')}`)
  return kind
}
