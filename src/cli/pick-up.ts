import { cancelPickUp, chooseAnotherStore, shipInstead } from '../usecases/buyer-choice.ts'
import { keepLonger } from '../usecases/keep-longer.ts'
import { type RuleStated, setPickUpRule, storeStandings } from '../usecases/pick-up-rules.ts'
import { findStores, type StoreWish } from '../usecases/pick-up-stores.ts'
import { workOnParcel } from '../usecases/store-parcel.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { shownAt } from './instants.ts'
import { findOrder, WHICH } from './order.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const

/** `pick-up …`: where a basket can be collected, what waits, and what becomes of it. */
export const pickUpCommands: readonly Command[] = [
  {
    name: 'pick-up stores',
    usage: 'SKU[=UNITS]… --channel CODE [--near LAT,LON | --near COUNTRY-POSTALCODE] [--only STORE,…]',
    summary: 'Which stores have a basket, the nearest first, and by when it is ready there',
    examples: [
      'pick-up stores TEA-GREEN=2 CUP-BLUE --channel my-shop --near 53.55,10.00',
      'pick-up stores TEA-GREEN --channel my-shop --near DE-20095',
    ],
    options: { channel: text, near: text, only: text },
    takes: [1, 100],
    database: 'migrated',
    run: async call => {
      const channel = call.text('channel')
      if (channel === undefined) throw wrongUsage('--channel says who sells it')
      const lines = call.args.map(word => {
        const [, sku = '', units = '1'] = /^(.+?)(?:=(\d+))?$/.exec(word) ?? []
        return { sku, quantity: wholeUnits(units, false) }
      })
      const wish = { channel, lines, near: nearOf(call), stores: call.text('only')?.split(',') ?? null }
      const offers = await findStores({ sql: call.context.sql, now: call.wiring.now }, wish)
      const rows = offers.map(({ store, km, whole, readyBy, lines }) => [
        ...[
          store.code,
          store.name,
          km === null ? '' : km.toFixed(1),
          whole ? 'all' : lines.map(one => `${one.available} × ${one.sku}`).join(', '),
        ],
        shownAt(readyBy),
      ])
      const told = offers.map(({ store, readyBy, ...offer }) => ({
        store: store.code,
        name: store.name,
        readyBy: readyBy.toISOString(),
        ...offer,
      }))
      call.answer(told, rows.length === 0 ? 'No store has any of it.' : table([['store', 'name', 'km', 'has', 'ready by'], ...rows]))
      return offers.length === 0 ? 1 : 0
    },
  },
  {
    name: 'pick-up rule',
    usage:
      '[--location CODE | --channel CODE] [--keep-days N] [--remind-hours N] [--late-minutes N] [--extend-days N] [--extensions N] [--becomes cancel|ship] [--none]',
    summary: 'How long ready goods wait, and what becomes of what nobody collects; of all where neither is named',
    details:
      'What is not stated stays as it is: 7 days, reminded 24 hours before, 3 days more once on request, then cancelled, unless somebody said otherwise.',
    examples: [
      'pick-up rule --keep-days 5 --remind-hours 48',
      'pick-up rule --location hamburg --becomes ship',
      'pick-up rule --location hamburg --none',
    ],
    options: {
      ...{ location: text, channel: text, none: { type: 'boolean' } },
      ...{ 'keep-days': text, 'remind-hours': text, 'late-minutes': text, 'extend-days': text, extensions: text, becomes: text },
    },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const of = { location: call.text('location'), channel: call.text('channel') }
      await setPickUpRule(call.context, ownKey(), of, call.flag('none') ? null : ruleOf(call))
      call.answer({ changed: true }, 'The rule holds for what is made ready from now on.')
      return 0
    },
  },
  {
    name: 'pick-up figures',
    usage: '[STORE]',
    summary: 'What waits in each store, how many buyers do not come, and how often it failed an order',
    examples: ['pick-up figures', 'pick-up figures hamburg'],
    takes: [0, 1],
    database: 'migrated',
    run: async call => {
      const standings = await storeStandings({ sql: call.context.sql, now: call.wiring.now }, call.args[0] ?? null)
      const rows = standings.map(one => [
        ...[
          one.location,
          `${one.waiting}`,
          `${one.over}`,
          `${one.collected}`,
          `${one.notCollected}`,
          `${(one.noShowRate * 100).toFixed(1)} %`,
        ],
        Object.entries(one.failures)
          .map(([why, n]) => `${why} ${n}`)
          .join(', '),
        `${counted(one.rule.keepDays, 'day')}, then ${one.rule.becomes === 'ship' ? 'sent' : 'cancelled'}`,
      ])
      call.answer(standings, table([['store', 'ready', 'over', 'collected', 'not', 'no-shows', 'failed', 'kept'], ...rows]))
      return 0
    },
  },
  {
    name: 'pick-up keep',
    usage: 'GROUP [--days N] [--key KEY]',
    summary: 'Keep ready goods longer for their buyer',
    examples: ['pick-up keep 311', 'pick-up keep 311 --days 10'],
    options: { days: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const days = call.text('days')
      const group = groupOf(call)
      const kept = await keepLonger(
        call.context,
        call.text('key') ?? ownKey(),
        group,
        days === undefined ? {} : { days: within('days', days, 1, 60) },
      )
      call.answer(kept, `Group ${kept.groupId} is kept until ${shownAt(kept.collectBy)}.`)
      return 0
    },
  },
  {
    name: 'pick-up send',
    usage: 'GROUP [--carrier NAME --number NUMBER] [--key KEY]',
    summary: 'What is ready leaves for the store where its buyer collects it',
    examples: ['pick-up send 311', 'pick-up send 311 --carrier DHL --number 00340434161094000000'],
    options: { carrier: text, number: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [carrier, number] = [call.text('carrier'), call.text('number')]
      if ((carrier === undefined) !== (number === undefined)) throw wrongUsage('say both --carrier and --number, or neither')
      const tracking = carrier === undefined || number === undefined ? undefined : { carrier, number }
      const sent = await workOnParcel(call.context, call.text('key') ?? ownKey(), groupOf(call), { kind: 'send', tracking })
      call.answer(sent, `Group ${sent.groupId} is on its way.`)
      return 0
    },
  },
  {
    name: 'pick-up receive',
    usage: 'GROUP [--lost] [--key KEY]',
    summary: 'What was sent to a store came there, or never does (--lost)',
    examples: ['pick-up receive 311', 'pick-up receive 311 --lost'],
    options: { lost: { type: 'boolean' }, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const lost = call.flag('lost')
      const came = await workOnParcel(call.context, call.text('key') ?? ownKey(), groupOf(call), { kind: 'receive', lost })
      const there = came.group == null ? 'nobody wants it any more' : `group ${came.group} is to be picked there`
      call.answer(came, lost ? `Group ${came.groupId} is lost: its order is short of it.` : `Group ${came.groupId} is there: ${there}.`)
      return 0
    },
  },
  {
    name: 'pick-up choose',
    usage: 'ORDER store STORE | ORDER ship | ORDER cancel [--reason TEXT] [--ready] [--key KEY]',
    summary: 'What is to be collected comes from another store, is sent instead, or is cancelled',
    details: `${WHICH} Of what does not lie ready yet; with --ready also of what does, which goes back to the shelf there.`,
    examples: ['pick-up choose 1042 store kiel', 'pick-up choose 1042 ship --ready'],
    options: { reason: text, key: text, ready: { type: 'boolean' } },
    takes: [2, 3],
    database: 'migrated',
    run: async call => {
      const [{ id, number }, [, how = '', store]] = [await findOrder(call), call.args]
      const key = call.text('key') ?? ownKey()
      if ((how === 'store') !== (store !== undefined) || !['store', 'ship', 'cancel'].includes(how))
        throw wrongUsage('say "store STORE", "ship" or "cancel"')
      const of = { ready: call.flag('ready'), reason: call.text('reason') }
      const chosen =
        store !== undefined
          ? await chooseAnotherStore(call.context, key, id, store, of)
          : how === 'ship'
            ? await shipInstead(call.context, key, id, of)
            : await cancelPickUp(call.context, key, id, of)
      const units = chosen.lines.reduce((sum, line) => sum + line.quantity, 0)
      const words = { store: `promised at ${store}`, ship: 'to be sent instead', cancel: 'cancelled' }[chosen.choice]
      call.answer(chosen, `Order ${number}: ${counted(units, 'unit')} ${words}.`)
      return 0
    },
  },
]

function groupOf(call: Call): number {
  const group = Number(call.args[0])
  if (!Number.isSafeInteger(group) || group < 1) throw wrongUsage(`"${call.args[0]}" is no number of a group`)
  return group
}

function nearOf(call: Call): StoreWish['near'] {
  const word = call.text('near')
  if (word === undefined) return null
  const [, country, postalCode] = /^([A-Z]{2})-(.{2,20})$/.exec(word) ?? []
  if (country !== undefined && postalCode !== undefined) return { country, postalCode }
  const [latitude = Number.NaN, longitude = Number.NaN, more] = word.split(',').map(Number)
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) || more !== undefined)
    throw wrongUsage(`--near ${word} is neither LAT,LON such as 53.55,10.00 nor a postal code such as DE-20095`)
  return { latitude, longitude }
}

function ruleOf(call: Call): RuleStated {
  const number = (name: string, least: number, most: number): number | undefined => {
    const word = call.text(name)
    return word === undefined ? undefined : within(name, word, least, most)
  }
  const becomes = call.text('becomes')
  if (becomes !== undefined && becomes !== 'cancel' && becomes !== 'ship') throw wrongUsage('--becomes is cancel or ship')
  return {
    ...{
      keepDays: number('keep-days', 1, 60),
      remindHours: number('remind-hours', 0, 240),
      lateMinutes: number('late-minutes', 0, 10_000),
    },
    ...{ extendDays: number('extend-days', 1, 60), extensionsMost: number('extensions', 0, 10), becomes },
  }
}

function within(name: string, word: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(word) ? Number(word) : Number.NaN
  if (!(value >= least && value <= most)) throw wrongUsage(`--${name} ${word} is no whole number from ${least} to ${most}`)
  return value
}
