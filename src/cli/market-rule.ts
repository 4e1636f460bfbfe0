import { listMarketRules, type MarketRuleRow } from '../../db/market-rules.ts'
import { withInstants } from '../domain/pricing/market-words.ts'
import { dryRunMarketRule } from '../usecases/dry-run-market.ts'
import { type MarketRuleInput, type MarketTried, setMarketRule, tryMarketRule } from '../usecases/market-rules.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { EXAMPLES, outcomeText } from './dry-run.ts'
import { shownAt } from './instants.ts'
import { AS, actingAs } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const LISTED_MOST = 1_000

/** `market rule set`, `market rule list`, `market rule try`. */
export const marketRuleCommands: readonly Command[] = [
  {
    name: 'market rule set',
    usage:
      'CODE --list CODE --match|--undercut AMOUNT|--undercut PERCENT%|--within PERCENT% [--sku SKU|--product HANDLE|--category NAME] [--competitor NAME]… [--most AMOUNT] [--max-age MINUTES] [--steps NUMBER] [--war-steps NUMBER] [--war-window MINUTES] [--end] [--why TEXT] [--dry-run] [--as EMAIL] [--key KEY]',
    summary: 'Make a rule that follows the market into a price list, or replace it; --dry-run: what would it do now',
    details: `For all goods unless a SKU, product or category is named, and any competitor unless some are. Never below a floor, above a ceiling or above --most; at most
--steps in any 24 hours for one SKU (4). After --war-steps (3) steps down within --war-window (1440 minutes), each after the same competitor went down
after ours, the rule stops for that SKU until "market resume". Offers last seen more than --max-age (1440) minutes ago do not count.
${AS}`,
    examples: [
      'market rule set mugs --list web --undercut 0.05 --category Mugs --dry-run',
      'market rule set mugs --list web --within 2% --competitor acme --competitor bits --most 19.90',
    ],
    options: {
      ...{ list: text, match: { type: 'boolean' }, undercut: text, within: text, sku: text, product: text, category: text, most: text },
      ...{ competitor: { type: 'string', multiple: true }, 'max-age': text, steps: text, 'war-steps': text, 'war-window': text },
      ...{ end: { type: 'boolean' }, why: text, 'dry-run': { type: 'boolean' }, as: text, key: text },
    },
    takes: [1, 1],
    database: 'migrated',
    run: set,
  },
  {
    name: 'market rule list',
    usage: '[--list CODE] [--ended]',
    summary: 'Rules that follow the market',
    examples: ['market rule list'],
    options: { list: text, ended: { type: 'boolean' } },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'market rule try',
    usage: 'CODE',
    summary: 'What a rule would do now for its SKUs, and why; nothing is written',
    examples: ['market rule try mugs'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => tell(call, await tryMarketRule(call.context, call.args[0] ?? '', null, 0, LISTED_MOST)),
  },
]

async function set(call: Call): Promise<ExitCode> {
  const [code = ''] = call.args
  const input = inputOf(call)
  if (call.flag('dry-run')) {
    const tried = await tryMarketRule(call.context, code, input, 0, LISTED_MOST)
    const outcome = await dryRunMarketRule(call.context, code, input, { limit: EXAMPLES })
    return tell(call, tried, `\n\n${outcomeText(outcome)}`)
  }
  const { context } = await actingAs(call, 'prices:write')
  const done = await setMarketRule(context, call.text('key') ?? ownKey(), code, input, call.text('why'))
  call.answer(done, done.changed ? ruleText(done.rule) : 'It was so already.')
  return 0
}

function inputOf(call: Call): MarketRuleInput {
  const list = call.text('list')
  if (list === undefined) throw wrongUsage('--list is missing: the price list that receives the steps')
  const competitors = call.texts('competitor')
  const number = (name: string): number | undefined => {
    const given = call.text(name)
    if (given !== undefined && !/^\d{1,6}$/.test(given)) throw wrongUsage(`--${name} ${given} is no whole number`)
    return given === undefined ? undefined : Number(given)
  }
  return {
    ...{ list, ...modeOf(call), most: call.text('most'), competitors: competitors.length === 0 ? null : competitors },
    ...{ sku: call.text('sku'), product: call.text('product'), category: call.text('category') },
    ...{
      maxAgeMinutes: number('max-age'),
      stepsPerDay: number('steps'),
      warSteps: number('war-steps'),
      warWindowMinutes: number('war-window'),
    },
    state: call.flag('end') ? 'ended' : 'active',
  }
}

function modeOf(call: Call): Pick<MarketRuleInput, 'mode' | 'value'> {
  const [undercut, within] = [call.text('undercut'), call.text('within')]
  if ([undercut, within].filter(one => one !== undefined).length + (call.flag('match') ? 1 : 0) !== 1)
    throw wrongUsage('one of --match, --undercut and --within tells how the offers are followed')
  if (undercut !== undefined)
    return undercut.endsWith('%') ? { mode: 'percent', value: undercut.slice(0, -1) } : { mode: 'amount', value: undercut }
  return within === undefined ? { mode: 'match' } : { mode: 'within', value: within.replace(/%$/, '') }
}

async function list(call: Call): Promise<ExitCode> {
  const rows = await listMarketRules(call.context.sql, { list: call.text('list'), ended: call.flag('ended') }, 0, LISTED_MOST)
  call.answer(rows, rows.length === 0 ? 'No market rules.' : rows.map(ruleText).join('\n'))
  return 0
}

function ruleText(rule: MarketRuleRow): string {
  const {
    code,
    list,
    sku,
    product,
    category,
    competitors,
    mode,
    value,
    most,
    maxAgeMinutes,
    stepsPerDay,
    warSteps,
    warWindowMinutes,
    state,
    stops,
  } = rule
  const way = {
    amount: `${value} below the lowest of`,
    percent: `${value} % below the lowest of`,
    within: `at most ${value} % away from the lowest of`,
    match: 'the same as the lowest of',
  }[mode]
  const ends = state === 'ended' ? '; ended' : stops > 0 ? `; stopped for ${counted(stops, 'SKU')}` : ''
  return [
    `${code}: ${list}, ${sku ?? product ?? category ?? 'all goods'}: ${way} ${competitors?.join(', ') ?? 'any competitor'}`,
    ...(most === null ? [] : [`never above ${most}`]),
    `offers of ${maxAgeMinutes} minutes, ${stepsPerDay} steps a day, stops after ${warSteps} answers within ${warWindowMinutes} minutes${ends}`,
  ].join('; ')
}

function tell(call: Call, rows: readonly MarketTried[], more = ''): ExitCode {
  const lines = rows.map(row => [
    row.sku,
    row.price,
    row.to ?? (row.act === 'keep' ? 'stays' : row.act),
    withInstants(row.words, at => shownAt(at)),
  ])
  call.answer(
    rows,
    rows.length === 0 ? 'Nobody offers any of its SKUs.' : `${table([['SKU', 'price', 'goes to', 'why'], ...lines])}${more}`,
  )
  return 0
}
