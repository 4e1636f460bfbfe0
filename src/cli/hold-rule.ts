import { HOLD_RULES, type HoldRuleKind, listHoldRules } from '../../db/hold-rules.ts'
import { endHoldRule, setHoldRule } from '../usecases/hold-rules.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const WORDS: Readonly<Record<HoldRuleKind, string>> = {
  short: 'something of it is missing',
  address: 'it tells nowhere to send it',
  amount: 'its total is above',
}
/** Rules that were ended, beside those that hold. */
const ENDED = 10

/** `order hold-rule`: what orders are held for by rule. */
export const holdRuleCommand: Command = {
  name: 'order hold-rule',
  usage: '[--hold short|address|amount] [--above AMOUNT --currency CODE] [--channel CODE] [--end ID]',
  summary: 'What orders are held for by rule; of all channels where none is named; without options, show it',
  details: `short: something of the order is missing. address: it tells nowhere to send it. amount: its total is above a limit, in its own currency. A new
rule replaces the one of the same kind, channel and currency. What an ended rule held stays held until somebody lets it go.`,
  examples: [
    'order hold-rule',
    'order hold-rule --hold amount --above 500.00 --currency EUR',
    'order hold-rule --hold address --channel my-shop',
    'order hold-rule --end 3',
  ],
  options: {
    ...{ hold: { type: 'string' }, above: { type: 'string' }, currency: { type: 'string' } },
    ...{ channel: { type: 'string' }, end: { type: 'string' } },
  },
  takes: [0, 0],
  database: 'migrated',
  run: async call => {
    await change(call)
    const rules = await listHoldRules(call.context.sql, ENDED)
    const rows = rules.map(one => [
      ...[one.id, one.channel ?? 'all', `${WORDS[one.rule]}${one.above === null ? '' : ` ${one.above} ${one.currency}`}`],
      ...[one.actor, shownAt(one.since), one.until === null ? 'holds' : shownAt(one.until)],
    ])
    call.answer(
      rules,
      rows.length === 0 ? 'No order is held by rule.' : table([['rule', 'channel', 'held where', 'by', 'since', 'until'], ...rows]),
    )
    return 0
  },
}

async function change(call: Call): Promise<void> {
  const [hold, end, channel] = [call.text('hold'), call.text('end'), call.text('channel')]
  const [above, currency] = [call.text('above'), call.text('currency')]
  if (end !== undefined) {
    if (hold !== undefined) throw wrongUsage('--hold begins a rule, --end ends one: not both at once')
    await endHoldRule(call.context, ownKey(), wholeUnits(end, false))
  } else if (hold !== undefined) {
    const rule = HOLD_RULES.find(one => one === hold)
    if (rule === undefined) throw wrongUsage(`--hold is one of ${HOLD_RULES.join(', ')}`)
    const limit = { ...(above === undefined ? {} : { above }), ...(currency === undefined ? {} : { currency }) }
    await setHoldRule(call.context, ownKey(), { rule, channel: channel ?? null, ...limit })
  } else if (above !== undefined || currency !== undefined || channel !== undefined)
    throw wrongUsage('--hold says what orders are held for')
}
