import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { ExplainedChannelPrice, ExplainedPrice } from '../../../usecases/explain-price.ts'
import { documentText, minute, money, number } from '../../format.ts'
import { Empty, Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

type Given = {
  readonly view: View
  readonly explained: ExplainedPrice
  readonly fields: readonly ShownField[]
  readonly held: ReadonlyMap<string, number>
}

/** What buyers pay in each channel, how far it got, and the next step where it is stuck. */
export function ShownPrices({ view, explained, fields, held }: Given) {
  const t = view.t.skuPrices
  // What a partner or many at once cost stands on no platform.
  const isOwn = explained.partner !== null || explained.quantity !== 1
  const fieldOf = ({ channel }: ExplainedChannelPrice): ShownField | undefined =>
    explained.tense === 'now' && !isOwn ? fields.find(one => one.channel === channel && one.field === 'price') : undefined
  const quantity = number(explained.quantity, view.language)
  return (
    <Panel id="shown" title={isOwn ? t.buyer.shown(explained.partner ?? t.buyer.anybody, quantity) : t.shown}>
      {isOwn ? <p class="panel-note">{t.buyer.note}</p> : null}
      {explained.tense === 'now' ? null : (
        <p class="panel-note">
          {explained.tense === 'past' ? t.wasThen : t.willBe} <At view={view} at={new Date(explained.at)} />
        </p>
      )}
      {explained.channels.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Rows
          label={t.shown}
          rows={explained.channels}
          id={channel => `price-in-${channel.channel}`}
          empty={t.none}
          columns={[
            {
              head: t.channel,
              names: true,
              cell: channel => (
                <>
                  <a href={`#why-${channel.channel}`}>{channel.channel}</a>
                  <span class="sub">{channel.taxIncluded ? t.withTax : t.withoutTax}</span>
                </>
              ),
            },
            {
              head: t.pays,
              look: 'num strong',
              cell: channel => (channel.amount === null ? t.noPrice : money(channel.amount, channel.currency)),
            },
            { head: t.regular, look: 'num', cell: channel => money(channel.regular?.amount ?? null, channel.currency) },
            ...(isOwn
              ? [
                  {
                    head: t.sale,
                    look: 'num',
                    cell: (channel: ExplainedChannelPrice) => money(channel.sale?.amount ?? null, channel.currency),
                  },
                ]
              : [
                  { head: t.sale, look: 'keep', cell: (channel: ExplainedChannelPrice) => <Sale view={view} channel={channel} /> },
                  {
                    head: t.reference,
                    look: 'num',
                    cell: ({ reduction, currency }: ExplainedChannelPrice) =>
                      reduction?.reference == null ? '–' : money(reduction.reference, currency),
                  },
                  { head: t.platform, cell: (channel: ExplainedChannelPrice) => <Shows view={view} channel={channel} /> },
                ]),
            {
              head: t.state,
              cell: channel => <NextStep view={view} channel={channel} field={fieldOf(channel)} incident={held.get(channel.channel)} />,
            },
          ]}
        />
      )}
    </Panel>
  )
}

type RowGiven = {
  readonly view: View
  readonly channel: ExplainedChannelPrice
  readonly field: ShownField | undefined
  readonly incident: number | undefined
}

function Sale({ view, channel }: { view: View; channel: ExplainedChannelPrice }) {
  const t = view.t.skuPrices
  const sale = channel.document?.sale ?? null
  if (sale === null) return <span class="quiet">–</span>
  return (
    <>
      {sale.from === null
        ? money(sale.amount, channel.currency)
        : t.saleFrom(money(sale.amount, channel.currency), minute(new Date(sale.from)))}
      {sale.to === null ? null : <span class="sub">{t.saleUntil(minute(new Date(sale.to)))}</span>}
    </>
  )
}

function Shows({ view, channel }: { view: View; channel: ExplainedChannelPrice }) {
  const shows = channel.published.map(one => one.shows)
  if (shows.length === 0) return <span class="quiet">{view.t.skuPrices.notListed}</span>
  return (
    <>
      {shows.map(value => (
        <span class="shows">{documentText(value, view.language, view.t.sku.shown.salePrice)}</span>
      ))}
    </>
  )
}

/** How far it got, and what a person can do where it does not go on by itself. */
function NextStep({ view, channel, field, incident }: RowGiven) {
  const t = view.t.skuPrices.next
  const held = channel.regular?.held ?? channel.sale?.held ?? null
  if (held !== null) {
    return (
      <>
        <State view={view} state="quarantined" />
        <a class="sub" href="/prices/limits">
          {t[held]}
        </a>
      </>
    )
  }
  if (channel.amount === null) {
    return (
      <>
        <State view={view} state="unknown" text={view.t.skuPrices.noPrice} />
        <span class="sub">{t.noPrice}</span>
      </>
    )
  }
  if (field === undefined) return null
  const differs = field.waitingSince !== null && !field.published
  return (
    <>
      <State view={view} state={differs ? 'differs' : field.state} />
      {field.state === 'quarantined' && incident !== undefined ? (
        <a class="sub" href={`/held/${incident}`}>
          {t.held}
        </a>
      ) : null}
      {field.state === 'refused' ? (
        <a class="sub" href={`/channels/${encodeURIComponent(field.channel)}`}>
          {field.reason ?? t.refused}
        </a>
      ) : null}
      {differs ? <span class="sub">{t.off}</span> : null}
    </>
  )
}
