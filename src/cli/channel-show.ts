import { findChannel, type PlatformCan } from '../usecases/channels.ts'
import { switches } from './channel-switches.ts'
import type { Command } from './command.ts'

/** `channel show`. */
export const channelShow: Command = {
  name: 'channel show',
  usage: 'CODE',
  summary: 'A channel, and what its platform can do and what not',
  details: 'Whether the credentials hold, and what they lack, "concord channel test" tells.',
  examples: ['channel show my-shop'],
  takes: [1, 1],
  database: 'migrated',
  run: async call => {
    const channel = await findChannel(call.context, call.args[0] ?? '')
    const can = call.wiring.platforms.find(one => one.platform === channel.platform)?.can ?? null
    const points = can === null ? [] : pointsOf(can)
    const lines = points.map(point => `  ${point.can ? '+' : '-'} ${point.words}`)
    const states = Object.entries(can?.orderStates ?? {}).map(([state, effect]) => `  ${state}: ${effect}`)
    const text =
      can === null
        ? [switches(channel), `This program does not know the platform ${channel.platform}.`]
        : [
            switches(channel),
            `What ${channel.platform} can do (+) and cannot (-):`,
            ...lines,
            'Its order states, and what each asks of stock:',
            ...states,
          ]
    call.answer({ channel, can: points, orderStates: can?.orderStates ?? {} }, text.join('\n'))
    return 0
  },
}

type Point = { readonly can: boolean; readonly words: string }

const ARRIVAL = {
  webhook: 'orders arrive by webhook and by polling',
  queue: 'orders arrive through a queue and by polling',
  poll: 'orders arrive by polling only',
}
const RETURNS = {
  order: 'tells with the order what came back into stock',
  report: 'tells in reports what buyers sent back, hours later',
  none: 'does not tell what came back: count it in by hand',
}

function pointsOf(can: PlatformCan): Point[] {
  const either = (is: boolean, yes: string, no: string): Point => ({ can: is, words: is ? yes : no })
  const act = (kind: string, yes: string, no: string): Point => either(can.acts.includes(kind), yes, no)
  return [
    {
      can: true,
      words:
        can.stockBasis === 'sellable'
          ? 'its stock number is what it may still sell'
          : 'its stock number is what lies there; it subtracts its own open orders',
    },
    { can: true, words: can.stockPerAccount ? 'one stock serves all channels of the account' : 'each channel has a stock of its own' },
    { can: true, words: can.acceptedIsNotApplied ? 'an accepted value shows later, and is read back' : 'an accepted value shows at once' },
    either(can.saleDates, 'takes sale prices with dates', 'takes no dated sale prices: they are sent when they begin and end'),
    either(can.saleBeside, 'shows a sale price beside the regular one', 'shows one price: what buyers pay'),
    either(
      can.referencePrice,
      'takes the lowest price of the 30 days before a sale',
      'has no field for the lowest price of the 30 days before a sale',
    ),
    act('acknowledge', 'is told that an order was accepted', 'takes no acknowledgement of orders'),
    act('ready', 'is told that an order is ready to be picked up', 'cannot be told that an order is ready to be picked up: tell the buyer'),
    act('ship', 'takes shipments', 'takes no shipments'),
    act('cancel', 'takes cancellations', 'takes no cancellations: cancel in its own back office'),
    ...(can.acts.includes('cancel') ? [either(can.cancelsParts, 'cancels single units', 'cancels whole orders only')] : []),
    ...(can.acts.includes('cancel') ? [paysBack(can)] : []),
    act('refund', 'gives money back when asked', 'gives no money back: refund in its own back office'),
    either(can.statesShipBy === true, 'says by when an order is to be shipped', 'does not say by when an order is to be shipped'),
    { can: can.returns !== 'none', words: RETURNS[can.returns] },
    { can: true, words: ARRIVAL[can.arrival] },
  ]
}

function paysBack({ cancelPaysBack: { whole = false, parts = false } = {} }: PlatformCan): Point {
  const what = whole && parts ? 'what is cancelled' : whole ? 'an order that is cancelled as a whole' : 'single units that are cancelled'
  return whole || parts
    ? { can: true, words: `pays back ${what} by itself` }
    : { can: false, words: 'pays nothing back when an order is cancelled: refund it, too' }
}
