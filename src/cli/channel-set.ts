import type { ChannelShown } from '../../db/reads.ts'
import { type ChannelChange, changeChannel, showPolicy } from '../usecases/channels.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { ownKey } from './stock.ts'

/** `channel set`. */
export const channelSet: Command = {
  name: 'channel set',
  usage:
    'CODE [--buffer UNITS|PERCENT%|risk:MARGIN/CANCELLATION] [--cap UNITS|none] [--stop-selling-at UNITS] [--sell-ahead on|off] [--locations CODE,CODE…]',
  summary: 'Set how much of what is available a channel shows, and which locations serve it; without options, show it',
  details:
    'The buffer is kept back: units, a percentage of what is available, rounded up, or what other channels may sell before this one can know\nof it: by the margin of a unit kept back and the cost of cancelling one ("concord help channel risk"). The cap is the most that is shown. At or below\n"stop selling at", the channel shows 0. Selling ahead also shows what the terms of a SKU allow ("concord help terms").',
  examples: [
    'channel set my-shop --buffer 10% --cap 50',
    'channel set my-shop --buffer risk:4/96',
    'channel set my-shop --sell-ahead on',
    'channel set my-shop --locations berlin,store-1',
  ],
  options: {
    buffer: { type: 'string' },
    cap: { type: 'string' },
    'stop-selling-at': { type: 'string' },
    'sell-ahead': { type: 'string' },
    locations: { type: 'string' },
  },
  takes: [1, 1],
  database: 'migrated',
  run: async call => {
    const code = call.args[0] ?? ''
    const change = { ...bufferOf(call), ...capOf(call), ...limitsOf(call) }
    if (Object.keys(change).length > 0) await changeChannel(call.context, code, change, ownKey())
    const policy = await showPolicy(call.context, code)
    const buffer = bufferWords(policy)
    const cap = policy.cap === null ? 'no cap' : `cap ${policy.cap}`
    call.answer(
      policy,
      `${code}: buffer ${buffer}, ${cap}, stops selling at ${policy.stopSellingAt}, ${policy.sellAhead ? 'sells ahead' : 'sells only what is there'}; from ${policy.locations.join(', ')}`,
    )
    return 0
  },
}

function bufferWords({ buffer, bufferPercent, bufferRisk }: ChannelShown): string {
  if (bufferRisk !== null) return `by risk (margin ${bufferRisk.margin}, cancellation ${bufferRisk.cancellation})`
  return bufferPercent > 0 ? `${bufferPercent} %` : counted(buffer, 'unit')
}

function bufferOf(call: Call): ChannelChange {
  const text = call.text('buffer')
  if (text === undefined) return {}
  const [, margin, cancellation] = /^risk:([\d.]+)\/([\d.]+)$/.exec(text) ?? []
  if (margin !== undefined && cancellation !== undefined) return { bufferRisk: { margin, cancellation } }
  const [, number = '', percent] = /^(\d{1,8}(?:\.\d{1,2})?)(%?)$/.exec(text) ?? []
  if (number === '' || (percent === '' && number.includes('.')))
    throw wrongUsage(`--buffer ${text} is no number of units, no percentage such as 10% or 2.5%, and no risk such as risk:4/96`)
  return percent === '%' ? { bufferPercent: Number(number) } : { buffer: Number(number) }
}

function capOf(call: Call): ChannelChange {
  const text = call.text('cap')
  if (text === undefined) return {}
  return { cap: text === 'none' ? null : units('cap', text) }
}

function limitsOf(call: Call): ChannelChange {
  const [stop, ahead, locations] = [call.text('stop-selling-at'), call.text('sell-ahead'), call.text('locations')]
  if (ahead !== undefined && ahead !== 'on' && ahead !== 'off') throw wrongUsage('--sell-ahead is on or off')
  return {
    ...(stop === undefined ? {} : { stopSellingAt: units('stop-selling-at', stop) }),
    ...(ahead === undefined ? {} : { sellAhead: ahead === 'on' }),
    ...(locations === undefined ? {} : { locations: locations.split(',').map(code => code.trim()) }),
  }
}

function units(name: string, text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw wrongUsage(`--${name} ${text} is no number of units${name === 'cap' ? ', and not none' : ''}`)
  return Number(text)
}
