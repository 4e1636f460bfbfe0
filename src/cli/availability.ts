import { type Availability, type AvailableItem, readNow } from '../usecases/availability-now.ts'
import { unknownLocation, unknownSku } from '../usecases/past.ts'
import { Fault } from '../values/fault.ts'
import type { Command } from './command.ts'
import { shownAt } from './instants.ts'
import { table } from './terminal.ts'

/** `availability`. */
export const availabilityCommands: readonly Command[] = [
  {
    name: 'availability',
    usage: 'SKU… [--channel CODE]… [--location CODE]… [--on DATE]',
    summary: 'What there is to sell of SKUs, by location and by channel, now or on a date',
    details:
      'With --on also what can be promised then: with what is expected by that day (until its midnight UTC) or instant, less what orders\nare short of already. Without --channel and --location: all of them.',
    examples: ['availability TEA-GREEN', 'availability TEA-GREEN CUP-BLUE --channel my-shop', 'availability TEA-GREEN --on 2026-12-24'],
    options: { channel: { type: 'string', multiple: true }, location: { type: 'string', multiple: true }, on: { type: 'string' } },
    takes: [1, 500],
    database: 'migrated',
    run: async call => {
      const [channels, locations] = [call.texts('channel'), call.texts('location')]
      const wanted = {
        ...{ skus: call.args, on: call.text('on') },
        channels: channels.length > 0 ? channels : locations.length > 0 ? [] : null,
        locations: locations.length > 0 ? locations : channels.length > 0 ? [] : null,
      }
      const found = await readNow(call.context.sql, call.wiring.now(), wanted)
      const missing = call.args.find(sku => !found.items.some(item => item.sku === sku))
      if (missing !== undefined) throw unknownSku(missing)
      // Of every SKU, each channel and location that was named is told, if it is there.
      const [item] = found.items
      const channel = channels.find(code => !item?.channels?.some(row => row.channel === code))
      if (channel !== undefined) throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
      const location = locations.find(code => !item?.locations?.some(row => row.location === code))
      if (location !== undefined) throw unknownLocation(location)
      call.answer(found, availabilityText(found))
      return 0
    },
  },
]

function availabilityText({ on, items }: Availability): string {
  return items.map(item => itemText(item, on)).join('\n\n')
}

function itemText(item: AvailableItem, on: string | undefined): string {
  const dated = on === undefined ? [] : [`on ${shownAt(on)}`]
  const locations = (item.locations ?? []).map(row => [
    ...[row.location, row.onHand, row.reserved, row.unavailable, row.safetyStock, row.incoming, row.available],
    ...(row.availableOn === undefined ? [] : [row.availableOn]),
  ])
  const channels = (item.channels ?? []).map(row => [
    ...[row.channel, row.atp, row.ahead, row.buffer, row.cap ?? 'none', row.stopSellingAt, row.shown, row.listed ? 'yes' : 'not listed'],
    ...(row.atpOn === undefined ? [] : [row.atpOn]),
  ])
  const coming = (item.incoming ?? []).map(row => [
    shownAt(row.expectedAt),
    row.units,
    row.sku,
    row.location,
    `${row.kind} ${row.reference}`,
  ])
  return [
    item.sku,
    ...(locations.length === 0
      ? []
      : [table([['location', 'on hand', 'reserved', 'unavailable', 'safety', 'incoming', 'available', ...dated], ...locations])]),
    ...(channels.length === 0
      ? []
      : [table([['channel', 'atp', 'ahead', 'buffer', 'cap', 'stop at', 'shown', 'listed', ...dated], ...channels])]),
    ...(coming.length === 0 ? [] : [table([['expected', 'units', 'sku', 'at', 'with'], ...coming])]),
    ...(item.short === undefined || item.short === 0 ? [] : [`Orders are short of ${item.short}; what comes serves them first.`]),
  ].join('\n')
}
