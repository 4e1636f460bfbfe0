import type { PriceLimitRow } from '../../../../db/price-limits.ts'
import { actorName, money } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Pager } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

export const LIMIT_KINDS = ['floor', 'ceiling'] as const
export const LIMIT_BASES = ['margin', 'manual', 'map', 'legal'] as const
export const LIMIT_SCOPES = ['variant', 'product', 'category', 'all'] as const

type Given = {
  readonly view: View
  readonly limits: readonly PriceLimitRow[]
  /** The SKU that was asked for; empty: all. */
  readonly sku: string
  readonly next: string | null
  readonly isFirst: boolean
  readonly channels: readonly { readonly code: string; readonly currency: string }[]
}

/** Floors and ceilings: what stands, a form to set one, and a button to end each. */
export function PriceLimitsPage({ view, limits, sku, next, isFirst, channels }: Given) {
  const t = view.t.priceSettings.limits
  const mayWrite = may(view, 'prices:write')
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <PriceTabs view={view} current="limits" />
      <div class={mayWrite ? 'columns' : ''}>
        <Panel
          id="limits"
          title={t.title}
          aside={
            <form method="get" action="/prices/limits" class="inline-form">
              <input type="search" name="sku" value={sku} placeholder={t.find} aria-label={t.find} maxlength={120} autocomplete="off" />
              <button type="submit">{view.t.form.search}</button>
            </form>
          }
        >
          {limits.length === 0 ? (
            <Empty text={sku === '' ? t.none : t.notFound(sku)} />
          ) : (
            <Table label={t.title} isStacked>
              <thead>
                <tr>
                  <th>{t.goods}</th>
                  <th>{t.kind}</th>
                  <th class="num">{t.value}</th>
                  <th>{t.channel}</th>
                  <th>{view.t.priceSettings.since}</th>
                  {mayWrite ? <th>{t.end}</th> : null}
                </tr>
              </thead>
              <tbody>
                {limits.map(limit => (
                  <tr id={`limit-${limit.id}`}>
                    <th scope="row">{limitGoods(view, limit)}</th>
                    <td data-label={t.kind}>
                      {t.kinds[limit.kind]}
                      <span class="sub">{t.bases[limit.basis]}</span>
                    </td>
                    <td class="num strong" data-label={t.value}>
                      {limit.percent === null ? money(limit.amount, limit.currency ?? '') : `${limit.percent} %`}
                    </td>
                    <td data-label={t.channel}>{limit.channel ?? <span class="quiet">{t.everyChannel}</span>}</td>
                    <td data-label={view.t.priceSettings.since}>
                      <At view={view} at={limit.since} />
                      <span class="sub">{actorName(limit.actor, view.t.actor.system)}</span>
                    </td>
                    {mayWrite ? (
                      <td>
                        <EndForm view={view} limit={limit} />
                      </td>
                    ) : null}
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
          <Pager view={view} first={isFirst ? null : '/prices/limits'} next={next} />
        </Panel>
        {mayWrite ? <SetForm view={view} channels={channels} /> : null}
      </div>
    </Layout>
  )
}

/** The goods that a limit is for. */
export function limitGoods(
  view: View,
  { scope, sku, product, category }: Pick<PriceLimitRow, 'scope' | 'sku' | 'product' | 'category'>,
): string {
  const t = view.t.priceSettings.limits.scopes
  if (scope === 'all') return t.all
  return scope === 'variant' ? (sku ?? '') : `${t[scope]} ${product ?? category ?? ''}`
}

function EndForm({ view, limit }: { view: View; limit: PriceLimitRow }) {
  const of = limit.sku ?? limit.product ?? limit.category ?? ''
  const fields = {
    kind: limit.kind,
    basis: limit.basis,
    scope: limit.scope,
    of,
    channel: limit.channel ?? '',
    currency: limit.currency ?? '',
  }
  return (
    <WriteForm view={view} action="/prices/limits/end" class="inline-form">
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit">{view.t.priceSettings.limits.end}</button>
    </WriteForm>
  )
}

function SetForm({ view, channels }: { view: View; channels: Given['channels'] }) {
  const t = view.t.priceSettings.limits
  const draft = draftOf(view, '/prices/limits')
  const words = (values: readonly string[], of: Readonly<Record<string, string>>) =>
    values.map(value => ({ value, word: of[value] ?? value }))
  return (
    <Panel id="set-limit" title={t.set}>
      <div class="panel-body">
        <WriteForm view={view} action="/prices/limits">
          <div class="form-row top">
            <ChoiceEntry draft={draft} name="kind" label={t.kind} options={words(LIMIT_KINDS, t.kinds)} />
            <ChoiceEntry draft={draft} name="basis" label={t.basis} options={words(LIMIT_BASES, t.bases)} />
          </div>
          <div class="form-row top">
            <ChoiceEntry draft={draft} name="scope" label={t.goods} options={words(LIMIT_SCOPES, t.scopes)} />
            <TextEntry draft={draft} name="of" label={t.of} maxlength={120} hint={t.ofHint} />
          </div>
          <div class="form-row top">
            <TextEntry draft={draft} name="value" label={t.value} required maxlength={20} hint={t.valueHint} />
            <TextEntry draft={draft} name="currency" label={t.currency} value={channels[0]?.currency ?? ''} maxlength={3} class="small" />
            <ChoiceEntry
              draft={draft}
              name="channel"
              label={t.channel}
              none={t.everyChannel}
              options={channels.map(({ code }) => ({ value: code, word: code }))}
            />
          </div>
          <TextEntry draft={draft} name="why" label={view.t.priceSettings.why} maxlength={200} />
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
