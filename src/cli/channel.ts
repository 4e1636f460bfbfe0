import { setTimeout as wait } from 'node:timers/promises'
import type { RequestKind, RequestRow } from '../../db/accounts.ts'
import type { ChannelRow } from '../../db/channels.ts'
import { askChannel, changeChannel, findChannel, listChannels, previewSwitches, readAsked } from '../usecases/channels.ts'
import { resetChannel } from '../usecases/force.ts'
import { Fault } from '../values/fault.ts'
import { channelAdd } from './channel-add.ts'
import { channelReconnect } from './channel-reconnect.ts'
import { channelRisk } from './channel-risk.ts'
import { channelSet } from './channel-set.ts'
import { channelShow } from './channel-show.ts'
import { switches } from './channel-switches.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { ownKey } from './stock.ts'
import { ask, table } from './terminal.ts'

const one = { takes: [1, 1], database: 'migrated' } as const
const waiting = { wait: { type: 'string' } } as const

/** `channel add|set|reconnect|risk|list|show|test|observe|reset|publish|pause|resume`. */
export const channelCommands: readonly Command[] = [
  channelAdd,
  channelSet,
  channelReconnect,
  channelRisk,
  {
    name: 'channel list',
    usage: '',
    summary: 'All channels with their switches and the state of their accounts',
    examples: ['channel list'],
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const channels = await listChannels(call.context)
      call.answer(
        channels,
        channels.length === 0 ? 'No channel yet: "concord help channel add" tells how to connect one.' : listText(channels),
      )
      return 0
    },
  },
  channelShow,
  asking('test', askKind('test'), "Ask whether the account's credentials work and what they may do"),
  asking('observe', askKind('observe'), 'Read listings, stock, prices and orders of a channel, and match them; writes nothing there'),
  asking(
    'reset',
    (call, code) => resetChannel(call.context, ownKey(), code),
    "Compare a channel's whole account with its platform: everything is read and judged anew, and what differs goes out",
  ),
  {
    name: 'channel publish',
    usage: 'CODE [--stock on|off] [--prices on|off] [--yes]',
    summary: 'Turn the two switches: from then on the hub writes stock, or prices, to the channel',
    details:
      'Without a switch it tells what turning them on would change. A terminal is asked before anything is turned on; elsewhere pass --yes.',
    examples: ['channel publish my-shop', 'channel publish my-shop --stock on --yes', 'channel publish my-shop --prices off'],
    options: { stock: { type: 'string' }, prices: { type: 'string' }, yes: { type: 'boolean' } },
    ...one,
    run: publish,
  },
  pausing('pause', true, 'Stop writing to a channel; orders still come in'),
  pausing('resume', false, 'Go on with a paused channel: what changed meanwhile goes out'),
]

function askKind(kind: RequestKind): (call: Call, code: string) => Promise<number> {
  return (call, code) => askChannel(call.context, code, kind)
}

/** The hub does it, because only the holder of the account's lease may call the platform. */
function asking(word: string, request: (call: Call, code: string) => Promise<number>, summary: string): Command {
  return {
    name: `channel ${word}`,
    usage: 'CODE [--wait SECONDS]',
    summary,
    details: 'The running hub carries it out; the command waits for its answer, 60 seconds unless told.',
    examples: [`channel ${word} my-shop`],
    options: waiting,
    ...one,
    run: async call => {
      const seconds = Number(call.text('wait') ?? 60)
      if (!(seconds >= 0)) throw wrongUsage('--wait takes seconds')
      const answer = await answered(call, await request(call, call.args[0] ?? ''), seconds)
      call.answer(answer, answerText(answer))
      return answer.state === 'done' ? 0 : 1
    },
  }
}

async function answered(call: Call, id: number, seconds: number): Promise<RequestRow> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const row = await readAsked(call.context, id)
    if (row.state !== 'open' || Date.now() >= deadline) return row
    await wait(250)
  }
}

function answerText(row: RequestRow): string {
  if (row.state === 'open') return 'No answer yet. The hub answers it when it runs (npm start); ask again then.'
  const facts = Object.entries(row.answer ?? {}).map(
    ([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [row.state === 'done' ? 'done' : 'failed', ...facts].join('\n')
}

async function publish(call: Call): Promise<ExitCode> {
  const code = call.args[0] ?? ''
  const [stock, prices] = [onOff(call, 'stock'), onOff(call, 'prices')]
  const preview = await previewSwitches(call.context, code)
  const facts = `${counted(preview.matched, 'listing is', 'listings are')} matched, ${preview.unmatched} not; ${counted(preview.stock, 'stock value')} and ${counted(preview.prices, 'price')} differ from what ${code} shows`
  if (stock === undefined && prices === undefined) {
    const channel = await findChannel(call.context, code)
    call.answer({ channel, preview }, `${switches(channel)}\n${facts}`)
    return 0
  }
  if ((stock || prices) && !call.flag('yes')) {
    if (!call.terminal.in.isTTY) throw wrongUsage('turning a switch on writes to a live shop: pass --yes')
    if ((await ask(call.terminal, `${facts}.\nWrite to ${code}? (yes/no) `)) !== 'yes') throw new Fault('conflict', 'nothing was changed')
  }
  await changeChannel(
    call.context,
    code,
    { ...(stock === undefined ? {} : { publishStock: stock }), ...(prices === undefined ? {} : { publishPrices: prices }) },
    ownKey(),
  )
  const channel = await findChannel(call.context, code)
  call.answer({ channel, preview }, switches(channel))
  return 0
}

function pausing(word: string, paused: boolean, summary: string): Command {
  return {
    name: `channel ${word}`,
    usage: 'CODE',
    summary,
    examples: [`channel ${word} my-shop`],
    ...one,
    run: async call => {
      await changeChannel(call.context, call.args[0] ?? '', { paused }, ownKey())
      const channel = await findChannel(call.context, call.args[0] ?? '')
      call.answer({ channel }, switches(channel))
      return 0
    },
  }
}

function onOff(call: Call, name: string): boolean | undefined {
  const text = call.text(name)
  if (text !== undefined && text !== 'on' && text !== 'off') throw wrongUsage(`--${name} is on or off`)
  return text === undefined ? undefined : text === 'on'
}

function listText(channels: readonly ChannelRow[]): string {
  const rows = channels.map(channel => [
    channel.code,
    channel.account,
    channel.platform,
    channel.currency,
    channel.stockLead === null ? (channel.publishStock ? 'published' : 'observed') : `with ${channel.stockLead}`,
    channel.publishPrices ? 'published' : 'observed',
    channel.paused ? 'paused' : channel.accountState,
    channel.accountReason ?? '',
  ])
  return table([['channel', 'account', 'platform', 'currency', 'stock', 'prices', 'state', ''], ...rows])
}
