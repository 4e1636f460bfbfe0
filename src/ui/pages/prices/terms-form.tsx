import type { PriceListTerms } from '../../../../db/price-lists.ts'
import { minute } from '../../format.ts'
import { ChoiceEntry, type Draft, TextEntry } from '../../parts/entry.tsx'

/** Whom a list may be for, the closest last. */
export const AUDIENCES = ['everyone', 'region', 'group', 'channel', 'tier', 'partner'] as const

/** What a list can be for, to choose from: `everyone`, `channel:shop`. */
export type AudienceChoice = { readonly value: string; readonly word: string }

/** The fields of a list's terms. `terms`: as they stand, null for a new list. */
export function TermsFields({
  draft,
  terms,
  audiences,
  currencies,
  zones,
}: {
  draft: Draft
  terms: PriceListTerms | null
  audiences: readonly AudienceChoice[]
  currencies: readonly string[]
  /** Zones that times can be stated in, besides UTC. */
  zones: readonly string[]
}) {
  const { t } = draft.view
  const words = t.prices.list
  const audience = terms === null ? 'everyone' : audienceValue(terms)
  const local = (at: string | null | undefined): string => (at == null ? '' : minute(new Date(at)).replace(' ', 'T'))
  return (
    <>
      <div class="form-row top">
        <TextEntry draft={draft} name="title" label={words.name} required maxlength={120} value={terms?.title ?? ''} class="wide" />
        <ChoiceEntry
          draft={draft}
          name="kind"
          label={words.kind}
          value={terms?.kind ?? 'price'}
          options={(['price', 'sale'] as const).map(kind => ({
            value: kind,
            word: `${t.prices.kinds[kind]}: ${t.prices.kindHints[kind]}`,
          }))}
        />
      </div>
      <div class="form-row top">
        <ChoiceEntry draft={draft} name="audience" label={words.audience} value={audience} options={audiences} hint={words.audienceHint} />
        <ChoiceEntry
          draft={draft}
          name="currency"
          label={words.currency}
          value={terms?.currency ?? currencies[0] ?? ''}
          options={[...new Set([...(terms === null ? [] : [terms.currency]), ...currencies])].map(code => ({ value: code, word: code }))}
          class="small"
        />
        <ChoiceEntry
          draft={draft}
          name="tax"
          label={words.tax}
          value={terms?.taxIncluded == null ? '' : terms.taxIncluded ? 'included' : 'excluded'}
          none={t.prices.tax.asChannel}
          options={(['included', 'excluded'] as const).map(tax => ({ value: tax, word: t.prices.tax[tax] }))}
        />
      </div>
      <div class="form-row top">
        <TextEntry draft={draft} name="from" label={words.from} type="datetime-local" value={local(terms?.from)} hint={words.periodHint} />
        <TextEntry draft={draft} name="to" label={words.to} type="datetime-local" value={local(terms?.to)} />
        <ChoiceEntry
          draft={draft}
          name="zone"
          label={words.zone}
          value="UTC"
          options={['UTC', ...zones].map(zone => ({ value: zone, word: zone }))}
          hint={words.zoneHint}
        />
        <TextEntry
          draft={draft}
          name="priority"
          label={words.priority}
          value={String(terms?.priority ?? 0)}
          maxlength={8}
          class="small"
          hint={words.priorityHint}
        />
      </div>
      <label class="check">
        <input
          type="checkbox"
          name="fourEyes"
          value="yes"
          checked={draft.typed('fourEyes', terms?.fourEyes === true ? 'yes' : '') === 'yes'}
        />
        <span>{words.fourEyes}</span>
      </label>
      <TextEntry draft={draft} name="why" label={t.prices.why} hint={t.prices.whyHint} maxlength={200} />
    </>
  )
}

/** An audience as the form sends it. */
export const audienceValue = ({ audience: { kind, code } }: Pick<PriceListTerms, 'audience'>): string =>
  code === null ? kind : `${kind}:${code}`
