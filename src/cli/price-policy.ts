import type { PricePolicyRow } from '../../db/price-policies.ts'
import {
  listPricePolicies,
  type PricePolicyChange,
  type RoundingStated,
  setPricePolicy,
  setTaxCategories,
  showPricePolicy,
} from '../usecases/price-policies.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { movedLines } from './moved-lines.ts'
import { ownKey } from './stock.ts'

const text = { type: 'string' } as const

/** `price policy`, `price tax-category`. */
export const pricePolicyCommands: readonly Command[] = [
  {
    name: 'price policy',
    usage:
      '[CHANNEL [--region CODE|none] [--rounding none|digits] [--ends-in ENDING] [--in-steps-of STEP] [--direction nearest|up|down] [--margin PERCENT] [--why TEXT]]',
    summary: 'Set how a channel states prices: region, rounding, margin on exchange; without options, show it',
    details: `Prices end on multiples of the step (1 unless told) plus the ending (0 unless told): --ends-in 0.99; --in-steps-of 0.05 for Swiss francs;
--in-steps-of 1 for whole yen. The region says which tax rates hold. The margin is added to every converted price. What a person typed for the
channel is not rounded. What is reckoned is, for partners too: rounding belongs to the channel, and comes after rule, exchange and tax for
every buyer. A contract price that has to stand to the cent is typed in the channel's currency and with its tax. The answer tells how many prices move in the channel, and the first of them; --dry-run tells it before.`,
    examples: ['price policy', 'price policy shop --region de --ends-in 0.99', 'price policy shop-ch --in-steps-of 0.05 --margin 2.5'],
    options: { region: text, rounding: text, 'ends-in': text, 'in-steps-of': text, direction: text, margin: text, why: text, key: text },
    takes: [0, 1],
    database: 'migrated',
    run: policy,
  },
  {
    name: 'price tax-category',
    usage: 'CATEGORY SKU… [--why TEXT] [--key KEY]',
    summary: 'Say how goods are taxed: standard, reduced, or a category of your own',
    examples: ['price tax-category reduced TEA-GREEN TEA-BLACK'],
    options: { why: text, key: text },
    takes: [2, 500],
    database: 'migrated',
    run: async call => {
      const [category = '', ...skus] = call.args
      const lines = skus.map(sku => ({ sku, category }))
      const done = await setTaxCategories(call.context, call.text('key') ?? ownKey(), lines, call.text('why'))
      call.answer({ ...done, lines }, `${done.changed} of ${skus.length} taxed otherwise now: ${category}`)
      return 0
    },
  },
]

async function policy(call: Call): Promise<ExitCode> {
  const [channel] = call.args
  const change = changeOf(call)
  if (channel === undefined) {
    if (Object.keys(change).length > 0) throw wrongUsage('which channel is missing')
    const all = await listPricePolicies(call.context)
    call.answer(all, all.map(policyText).join('\n'))
    return 0
  }
  const isShown = Object.keys(change).every(name => name === 'why')
  if (isShown) {
    const stands = await showPricePolicy(call.context, channel)
    call.answer(stands, policyText(stands))
    return 0
  }
  const done = await setPricePolicy(call.context, call.text('key') ?? ownKey(), channel, change)
  call.answer(done, [policyText(done), ...movedLines(done, done.changed)].join('\n'))
  return 0
}

function changeOf(call: Call): PricePolicyChange {
  const [region, margin, why, rounding] = [call.text('region'), call.text('margin'), call.text('why'), roundingOf(call)]
  return {
    ...(region === undefined ? {} : { region: region === 'none' ? null : region }),
    ...(rounding === undefined ? {} : { rounding }),
    ...(margin === undefined ? {} : { exchangeMargin: margin }),
    ...(why === undefined ? {} : { why }),
  }
}

function roundingOf(call: Call): RoundingStated | undefined {
  const [kind, ending, step, direction] = [call.text('rounding'), call.text('ends-in'), call.text('in-steps-of'), call.text('direction')]
  const isEnding = ending !== undefined || step !== undefined
  if (kind !== undefined && (isEnding || direction !== undefined))
    throw wrongUsage('--rounding goes without --ends-in, --in-steps-of and --direction')
  if (kind !== undefined) {
    if (kind !== 'none' && kind !== 'digits')
      throw wrongUsage(`--rounding "${kind}" is not none or digits; --ends-in and --in-steps-of do the rest`)
    return { kind }
  }
  if (!isEnding) {
    if (direction !== undefined) throw wrongUsage('--direction goes with --ends-in or --in-steps-of')
    return undefined
  }
  if (direction !== undefined && direction !== 'nearest' && direction !== 'up' && direction !== 'down')
    throw wrongUsage(`--direction "${direction}" is not nearest, up or down`)
  return { kind: 'ending', step: step ?? '1', ending: ending ?? '0', ...(direction === undefined ? {} : { direction }) }
}

function policyText({ channel, currency, taxIncluded, region, rounding, exchangeMargin }: PricePolicyRow): string {
  const taxed = `${currency} ${taxIncluded ? 'with' : 'without'} tax, ${region === null ? 'no region' : `region ${region}`}`
  return `${channel}: ${taxed}, ${roundingText(rounding)}, ${exchangeMargin} % on exchange`
}

function roundingText({ kind, step, ending, direction }: PricePolicyRow['rounding']): string {
  if (kind === 'none') return 'not rounded'
  if (kind === 'digits') return "rounded to the currency's digits"
  return `rounded ${direction === 'nearest' ? 'to the nearest' : direction} ending in ${ending} in steps of ${step}`
}
