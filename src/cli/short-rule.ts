import { SHORT_BECOMES, type ShortRule, shortRules } from '../../db/short-rules.ts'
import { setShortRule } from '../usecases/short-rules.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const WORDS = { person: 'wait for a person', incoming: 'wait for what is to come, else are cancelled', cancel: 'are cancelled' } as const

/** `order short-rule`: what becomes of orders that stay short of stock. */
export const shortRuleCommand: Command = {
  name: 'order short-rule',
  usage: '[--channel CODE] [--becomes person|incoming|cancel] [--after-minutes N] [--none]',
  summary: 'What becomes of orders that stay short of stock; of all channels where none is named; without options, show it',
  details: 'They are cancelled at the platform, too, with the reason. Nothing written: they wait for a person.',
  examples: [
    'order short-rule',
    'order short-rule --channel my-shop --becomes incoming --after-minutes 60',
    'order short-rule --channel my-shop --none',
  ],
  options: { channel: { type: 'string' }, becomes: { type: 'string' }, 'after-minutes': { type: 'string' }, none: { type: 'boolean' } },
  takes: [0, 0],
  database: 'migrated',
  run: async call => {
    const rule = ruleOf(call)
    if (rule !== undefined) await setShortRule(call.context, ownKey(), call.text('channel') ?? null, rule)
    const rules = await shortRules(call.context.sql)
    const rows = rules.map(one => [one.channel ?? 'all', WORDS[one.becomes], `${one.afterMinutes} min`, one.actor])
    call.answer(
      rules,
      rows.length === 0 ? 'No rule is written: they wait for a person.' : table([['channel', 'orders', 'after', 'by'], ...rows]),
    )
    return 0
  },
}

/** Null: none of its own any more; undefined: it is only shown. */
function ruleOf(call: Call): ShortRule | null | undefined {
  const [becomes, minutes] = [call.text('becomes'), call.text('after-minutes')]
  if (call.flag('none')) return null
  if (becomes === undefined) {
    if (minutes !== undefined || call.text('channel') !== undefined) throw wrongUsage('--becomes says what becomes of them, or --none')
    return undefined
  }
  const known = SHORT_BECOMES.find(one => one === becomes)
  if (known === undefined) throw wrongUsage(`--becomes is one of ${SHORT_BECOMES.join(', ')}`)
  if (minutes !== undefined && !/^\d{1,5}$/.test(minutes)) throw wrongUsage(`--after-minutes ${minutes} is no whole number of minutes`)
  return { becomes: known, afterMinutes: Number(minutes ?? 0) }
}
