import { guardAheadWords, notLowerWords, UNJUDGED } from '../usecases/price-list-warnings.ts'
import { approvePriceList, endPriceList, rejectPriceList, showPriceList } from '../usecases/price-lists.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { forecastLines } from './forecast-lines.ts'
import { shownAt } from './instants.ts'
import { listText } from './price-list.ts'
import { AS, actingAs, text } from './price-list-words.ts'
import { ownKey } from './stock.ts'

const options = { why: text, as: text, key: text }

/** `price-list approve|reject|end`: what somebody else than the writer does. */
export const priceListDecisions: readonly Command[] = [
  {
    name: 'price-list approve',
    usage: 'LIST VERSION [--accept-window] [--accept-held] [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Put a price list, or what waits on it, in force, as it was seen',
    details: `"concord price-list show LIST" tells what waits, and the version: what was changed since is not approved unseen. On a list marked four eyes
nobody approves what they wrote. Where a channel cannot show all of it within a second of its beginning or end, nothing is approved and the
forecast is told: --accept-window takes it. What the guard would hold when it begins is told, and held then; --accept-held lets just that pass.
${AS}`,
    examples: ['price-list approve summer 4711', 'price-list approve summer 4711 --as ben@example.org --why "as agreed on Monday"'],
    options: { ...options, 'accept-window': { type: 'boolean' }, 'accept-held': { type: 'boolean' } },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [code = ''] = call.args
      const { context } = await actingAs(call, 'prices:approve')
      const how = { why: call.text('why'), acceptWindow: call.flag('accept-window'), acceptHeld: call.flag('accept-held') }
      const done = await approvePriceList(context, call.text('key') ?? ownKey(), code, versionOf(call), how)
      const { id: _, ...list } = done.list
      const what = [
        ...(done.terms ? ['its terms'] : []),
        ...(done.entries > 0 ? [`${done.entries} ${done.entries === 1 ? 'entry' : 'entries'}`] : []),
      ]
      call.answer(
        {
          ...{ approvedTerms: done.terms, approvedEntries: done.entries, notLower: done.notLower ?? null },
          ...{ guard: done.unjudged === true ? null : (done.guard ?? []), list, forecast: done.forecast },
        },
        [
          `${code}: ${what.join(' and ')} approved.`,
          listText(done.list),
          ...(done.notLower ? [`Warning: ${notLowerWords(done.notLower)}`] : []),
          ...(done.guard ?? []).map(one => `${one.accepted ? 'Note' : 'Warning'}: ${guardAheadWords(one, shownAt(one.at))}`),
          ...(done.unjudged === true ? [`Warning: ${UNJUDGED}`] : []),
          ...forecastLines(done.forecast),
        ].join('\n'),
      )
      return 0
    },
  },
  {
    name: 'price-list reject',
    usage: 'LIST [VERSION] [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Set aside what waits on a price list; what stands goes on',
    details: AS,
    examples: ['price-list reject summer --why "too cheap"'],
    options,
    takes: [1, 2],
    database: 'migrated',
    run: async call => {
      const [code = '', version] = call.args
      const { context } = await actingAs(call, 'prices:write')
      const done = await rejectPriceList(context, call.text('key') ?? ownKey(), code, {
        why: call.text('why'),
        version: version === undefined ? undefined : versionOf(call),
      })
      const list = await showPriceList(context, code)
      call.answer({ rejectedTerms: done.terms, rejectedEntries: done.entries }, `What waited on ${code} is set aside.\n${listText(list)}`)
      return 0
    },
  },
  {
    name: 'price-list end',
    usage: 'LIST [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'End a price list for good, at once; a draft is thrown away',
    details: `"concord price-list set LIST --to DAY" lets it end by itself. One marked four eyes is ended by those who may approve.\n${AS}`,
    examples: ['price-list end summer --why "sold out"'],
    options,
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [code = ''] = call.args
      const { context, mayApprove } = await actingAs(call, 'prices:write')
      const { changed } = await endPriceList(context, call.text('key') ?? ownKey(), code, mayApprove, { why: call.text('why') })
      call.answer({ list: code, changed }, changed ? `${code} is ended.` : 'It was so already.')
      return 0
    },
  },
]

function versionOf(call: Call): number {
  const [, version = ''] = call.args
  if (!/^\d{1,15}$/.test(version)) throw wrongUsage(`"${version}" is no version: "concord price-list show" tells it`)
  return Number(version)
}
