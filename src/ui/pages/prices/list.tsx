import type { Child } from 'hono/jsx'
import type { PriceListEvent } from '../../../../db/price-list-history.ts'
import type { PriceListShown } from '../../../usecases/price-lists.ts'
import { actorName, money } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { ApprovePanel } from './approve.tsx'
import { EntriesPanel, type EntriesShown, EntryForm } from './entries.tsx'
import { ListHistory } from './list-history.tsx'
import { ListMark } from './lists.tsx'
import { type AudienceChoice, TermsFields } from './terms-form.tsx'
import { audienceText, periodText, taxText } from './told.ts'

export type ListView = {
  readonly list: PriceListShown
  readonly entries: EntriesShown
  readonly events: readonly PriceListEvent[]
  readonly older: string | null
  readonly audiences: readonly AudienceChoice[]
  readonly currencies: readonly string[]
  readonly zones: readonly string[]
  readonly bases: readonly { readonly code: string; readonly title: string }[]
  readonly isOwn: boolean
  readonly preview: Child
  /** Whether a channel may need longer than a second. */
  readonly mayBeLate: boolean
  /** Whether the guard would hold something of it when it begins. */
  readonly mayBeHeld: boolean
}

/** One price list: what waits, its terms, its entries, and who changed what. */
export function PriceListPage({ view, shown }: { view: View; shown: ListView }) {
  const { list } = shown
  const t = view.t.prices.list
  const mayWrite = may(view, 'prices:write') && list.state !== 'ended'
  return (
    <Layout view={view} title={t.one(list.code)}>
      <div class="page-head">
        <h1>{list.terms.title}</h1>
        <span class="sku">{list.code}</span>
        <ListMark view={view} list={list} />
      </div>
      <PriceTabs view={view} current="lists" />
      {list.state === 'ended' ? <p class="hint">{t.isEnded}</p> : null}
      <ApprovePanel
        view={view}
        list={list}
        isOwn={shown.isOwn}
        preview={shown.preview}
        mayBeLate={shown.mayBeLate}
        mayBeHeld={shown.mayBeHeld}
      />
      <TermsPanel view={view} list={list} />
      <div class={mayWrite ? 'columns' : ''}>
        <EntriesPanel view={view} list={list} entries={shown.entries} />
        {mayWrite ? (
          <div>
            <EntryForm view={view} list={list} bases={shown.bases} />
            <EditPanel view={view} shown={shown} />
          </div>
        ) : null}
      </div>
      <ListHistory view={view} code={list.code} currency={list.terms.currency} events={shown.events} older={shown.older} />
    </Layout>
  )
}

function TermsPanel({ view, list }: { view: View; list: PriceListShown }) {
  const t = view.t.prices.list
  const facts = (terms: PriceListShown['terms']) =>
    [
      [t.audience, audienceText(view, terms.audience)],
      [t.kind, `${view.t.prices.kinds[terms.kind]}, ${terms.currency}, ${taxText(view, terms.taxIncluded)}`],
      [`${view.t.prices.lists.period} (${view.t.prices.utc})`, periodText(view, terms)],
      [t.priority, String(terms.priority)],
      [t.fourEyesFact, terms.fourEyes ? t.anotherApproves : t.oneApproves],
    ] as const
  const by = (
    <>
      {actorName(list.changedBy, view.t.actor.system)} · <At view={view} at={list.changedAt} />
    </>
  )
  return (
    <Panel id="terms" title={t.terms}>
      <Facts facts={[...facts(list.terms), [t.by, by]]} />
      {list.waitingTerms === null ? null : (
        <>
          <p class="panel-note">{t.waitingTerms}</p>
          <Facts facts={facts(list.waitingTerms)} />
        </>
      )}
      {list.gaps.map(gap => (
        <p class="panel-note tone-wait">{gapText(view, gap)}</p>
      ))}
      {list.beaten.map(({ channel, skus, examples }) => (
        <p class="panel-note tone-wait" id={`beaten-${channel}`}>
          {t.beaten(channel, skus)}:{' '}
          {examples.map(({ sku, list: other, amount, currency }, at) => (
            <>
              {at === 0 ? '' : ', '}
              {sku} ({other === undefined ? t.beatenTyped : <a href={`/prices/lists/${encodeURIComponent(other)}`}>{other}</a>}{' '}
              {money(amount, currency)})
            </>
          ))}
          {skus > examples.length ? ', …' : ''}
        </p>
      ))}
      {list.dearer === null ? null : (
        <p class="panel-note tone-wait" id="dearer">
          {t.dearer(list.dearer.count)}:{' '}
          {list.dearer.examples
            .map(
              one =>
                `${one.of ?? t.dearerAll} ${one.fewer}+ ${dearerValue(one, one.fewerValue, list.terms.currency)} → ${one.minQuantity}+ ${dearerValue(one, one.value, list.terms.currency)}`,
            )
            .join('; ')}
        </p>
      )}
      {list.overlaps.length === 0 ? null : (
        <p class="panel-note tone-wait">
          {t.overlaps}:{' '}
          {list.overlaps.map((one, at) => (
            <>
              {at === 0 ? '' : '; '}
              <a href={`/prices/lists/${encodeURIComponent(one.list)}`}>{t.overlapWins(one.list, one.wins)}</a>
            </>
          ))}
        </p>
      )}
    </Panel>
  )
}

function EditPanel({ view, shown }: { view: View; shown: ListView }) {
  const t = view.t.prices.list
  const { list } = shown
  const here = `/prices/lists/${encodeURIComponent(list.code)}`
  const draft = draftOf(view, `${here}/terms`)
  const isDraft = list.state === 'draft'
  const mayEnd = isDraft || !list.terms.fourEyes || may(view, 'prices:approve')
  return (
    <Panel id="edit" title={t.change}>
      <div class="panel-body">
        <details class="fold" open={view.typed?.action === `${here}/terms`}>
          <summary>{t.edit}</summary>
          <div>
            <WriteForm view={view} action={`${here}/terms`} id={`terms-${list.version}`}>
              <input type="hidden" name="version" value={String(list.version)} />
              <TermsFields
                draft={draft}
                terms={list.waitingTerms ?? list.terms}
                audiences={shown.audiences}
                currencies={shown.currencies}
                zones={shown.zones}
              />
              <button type="submit">{t.save}</button>
            </WriteForm>
          </div>
        </details>
        <details class="fold">
          <summary>{isDraft ? t.discard : t.end}</summary>
          <div>
            {mayEnd ? (
              <WriteForm view={view} action={`${here}/end`}>
                <p>{isDraft ? t.discardHint : t.endHint}</p>
                <TextEntry draft={draftOf(view, `${here}/end`)} name="why" label={view.t.prices.why} maxlength={200} />
                <button type="submit">{isDraft ? t.discard : t.end}</button>
              </WriteForm>
            ) : (
              <p>{t.endRight}</p>
            )}
          </div>
        </details>
      </div>
    </Panel>
  )
}

/** What an entry asks, short. */
const dearerValue = ({ rule }: { readonly rule: string }, value: string, currency: string): string =>
  rule === 'fixed' ? money(value, currency) : rule === 'amount' ? `${value} ${currency}` : `${value} %`

/** That a channel passes the list over. */
function gapText(view: View, { because, channel, skus, region = '', category = '' }: PriceListShown['gaps'][number]): string {
  const t = view.t.prices.list
  switch (because) {
    case 'no_region':
      return t.gapRegion(channel, skus)
    case 'no_tax_rate':
      return t.gapRate(channel, skus, category, region)
  }
}
