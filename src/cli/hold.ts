import { readBasket } from '../../db/reservations.ts'
import { endHold, extendHold, moveHold, reserved } from '../usecases/hold.ts'
import { basketOf, holdId } from '../usecases/hold-id.ts'
import { makeReserveLane } from '../usecases/reserve.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { orderCommand } from './hold-order.ts'
import { shownAt } from './instants.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const common = { options: { key: text }, database: 'migrated' } as const

/** `hold take|show|extend|release|settle|move|order`. */
export const holdCommands: readonly Command[] = [
  {
    name: 'hold take',
    usage: 'SKU[=UNITS][@LOCATION]… [--channel CODE] [--prefer channel|most|LOCATION,…] [--partial] [--seconds N] [--key KEY]',
    summary: 'Promise stock to a basket: all lines or none, unless --partial',
    details: `It ends by itself after --seconds; without it, when somebody releases or settles it. What is refused for lack of stock is not
final: the same --key may succeed after a receipt.`,
    examples: [
      'hold take TEA-GREEN=2 CUP-BLUE --channel my-shop --seconds 900',
      'hold take TEA-GREEN=2@MAIN',
      'hold take TEA-GREEN=9 --prefer SHOP,MAIN',
    ],
    options: { channel: text, prefer: text, partial: { type: 'boolean' }, seconds: text, key: text },
    takes: [1, 100],
    database: 'migrated',
    run: take,
  },
  {
    name: 'hold show',
    usage: 'HOLD',
    summary: 'What a basket was promised, and what became of it',
    examples: ['hold show aG9sZDpjbGk'],
    takes: [1, 1],
    database: 'migrated',
    run: show,
  },
  {
    ...common,
    name: 'hold extend',
    usage: 'HOLD SECONDS|open',
    summary: 'Let a hold last so many seconds from now on; open: until somebody ends it',
    examples: ['hold extend aG9sZDpjbGk 900'],
    takes: [2, 2],
    run: async call => {
      const [id = '', word = ''] = call.args
      const seconds = word === 'open' ? null : wholeSeconds(word)
      await extendHold(call.context, call.text('key') ?? ownKey(), basketOf(id), seconds)
      return show(call)
    },
  },
  ending('release', 'Give units of a hold back, all or some'),
  ending('settle', 'Units of a hold were handed over, all or some'),
  {
    ...common,
    name: 'hold move',
    usage: 'HOLD LOCATION [SKU[=UNITS]] [--key KEY]',
    summary: 'Promise the units at another location, all of them or none',
    examples: ['hold move aG9sZDpjbGk SHOP', 'hold move aG9sZDpjbGk SHOP TEA-GREEN=1'],
    takes: [2, 3],
    run: async call => {
      const [id = '', to = '', word] = call.args
      const [, sku = word, units] = /^(.+)=(\d+)$/.exec(word ?? '') ?? []
      const part = sku === undefined ? {} : { sku, ...(units === undefined ? {} : { quantity: wholeUnits(units, false) }) }
      await moveHold(call.context, call.text('key') ?? ownKey(), { basket: basketOf(id), to, ...part })
      return show(call)
    },
  },
  orderCommand,
]

async function take(call: Call): Promise<ExitCode> {
  const lines = call.args.map(word => {
    const [, sku = '', units = '1', location] = /^(.+?)(?:=(\d+))?(?:@([^@]+))?$/.exec(word) ?? []
    return { sku, quantity: wholeUnits(units, false), ...(location === undefined ? {} : { location }) }
  })
  const [channel, words, seconds] = [call.text('channel'), call.text('prefer'), call.text('seconds')]
  const request = {
    lines,
    ...(channel === undefined ? {} : { channel }),
    ...(words === undefined ? {} : { prefer: words === 'channel' || words === 'most' ? (words as 'channel' | 'most') : words.split(',') }),
    ...(call.flag('partial') ? { partial: true } : {}),
    ...(seconds === undefined ? {} : { expiresInS: wholeSeconds(seconds) }),
  }
  const answer = reserved(await makeReserveLane(call.context.sql)(call.context, call.text('key') ?? ownKey(), request))
  const { basket, lines: held, missing, expiresAt, replayed } = answer
  const id = holdId(basket)
  const rows = held.map(line => [line.sku, line.location, line.quantity])
  const lacking = missing.map(line => `Missing: ${line.asked - line.available} of ${line.sku}.`)
  call.answer(
    { id, lines: held, missing, expiresAt, replayed: replayed === true },
    [
      `Hold ${id}${expiresAt === null ? '' : ` until ${shownAt(expiresAt)}`}`,
      table([['sku', 'location', 'units'], ...rows]),
      ...lacking,
    ].join('\n'),
  )
  return 0
}

function ending(end: 'release' | 'settle', summary: string): Command {
  return {
    ...common,
    name: `hold ${end}`,
    usage: 'HOLD [SKU=UNITS…] [--key KEY]',
    summary,
    examples: [`hold ${end} aG9sZDpjbGk`, `hold ${end} aG9sZDpjbGk TEA-GREEN=1`],
    takes: [1, 101],
    run: async call => {
      const [id = '', ...words] = call.args
      const part = words.map(word => {
        const [, sku, units = ''] = /^(.+)=(\d+)$/.exec(word) ?? []
        if (sku === undefined) throw wrongUsage(`"${word}" is not SKU=UNITS`)
        return { sku, quantity: wholeUnits(units, false) }
      })
      const ended = await endHold(call.context, call.text('key') ?? ownKey(), basketOf(id), end, part.length === 0 ? undefined : part)
      const rows = ended.lines.map(line => [line.sku, line.location, line.quantity])
      call.answer({ id, lines: ended.lines, replayed: ended.replayed }, table([['sku', 'location', 'units'], ...rows]))
      return 0
    },
  }
}

async function show(call: Call): Promise<ExitCode> {
  const [id = ''] = call.args
  const promises = (await readBasket(call.context.sql, basketOf(id))).map(({ id: _, basket: _basket, ...row }) => row)
  const rows = promises.map(one => [one.sku, one.bundle, one.location, one.quantity, one.asked, one.state, shownAt(one.expiresAt)])
  call.answer({ id, promises }, table([['sku', 'of bundle', 'location', 'open', 'asked', 'state', 'until'], ...rows]))
  return promises.length === 0 ? 1 : 0
}

function wholeSeconds(word: string): number {
  if (!/^[1-9]\d{0,6}$/.test(word)) throw wrongUsage(`"${word}" is no number of seconds from 1`)
  return Number(word)
}
