import type { ListingStanding } from '../../../domain/pricing/standing.ts'
import type { ExplainedChannelPrice, ExplainedPrice } from '../../../usecases/explain-price.ts'
import { actorName, documentText, minute, money, number } from '../../format.ts'
import { Empty, Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

type Given = { readonly view: View; readonly explained: ExplainedPrice }

/** What the lists and rules say in each channel, what buyers see, and the next step where the two differ. */
export function ShownPrices({ view, explained }: Given) {
  const t = view.t.skuPrices
  // What a partner or many at once cost stands on no platform.
  const isOwn = explained.partner !== null || explained.quantity !== 1
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
        <Empty
          text={
            explained.firstChannel === null
              ? t.none
              : t.noneThen(explained.firstChannel.channel, `${minute(new Date(explained.firstChannel.at))} UTC`)
          }
        />
      ) : (
        <Rows
          label={t.shown}
          rows={explained.channels}
          id={channel => `price-in-${channel.channel}`}
          isStacked
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
              head: isOwn ? t.buyer.pays : t.pays,
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
            isOwn && explained.channels.every(channel => channel.amount !== null)
              ? null
              : {
                  head: t.state,
                  cell: channel => <NextStep view={view} channel={channel} />,
                },
          ]}
        />
      )}
    </Panel>
  )
}

type RowGiven = { readonly view: View; readonly channel: ExplainedChannelPrice }

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
  const t = view.t.skuPrices
  // Of now, as it was read; of the past, by what had been sent and read by then.
  const shows =
    channel.listings?.map(one => ({ value: one.shows, readAt: one.readAt })) ??
    channel.published.map(one => ({ value: one.shows, readAt: null }))
  if (shows.length === 0) return <span class="quiet">{t.notListed}</span>
  return (
    <>
      {shows.map(({ value, readAt }) => (
        <span class="shows">
          {documentText(value, view.language, view.t.sku.shown.salePrice)}
          {readAt === null ? null : (
            <span class="sub">
              {t.readAt} <At view={view} at={new Date(readAt)} />
            </span>
          )}
        </span>
      ))}
    </>
  )
}

/** How far it got, and what a person can do where it does not go on by itself. */
function NextStep({ view, channel }: RowGiven) {
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
  return (
    <>
      {channel.amount === null ? (
        <>
          <State view={view} state="unknown" text={view.t.skuPrices.noPrice} />
          <span class="sub">{t.noPrice}</span>
        </>
      ) : null}
      {(channel.listings ?? []).map(listing => (
        <Standing view={view} listing={listing} />
      ))}
      {channel.heldNow.map(listing => (
        <>
          <span class="sub">{t.asOfNow}</span>
          <Standing view={view} listing={listing} />
        </>
      ))}
    </>
  )
}

const MARKS = {
  shown: 'applied',
  sent: 'accepted',
  under_way: 'intended',
  held: 'quarantined',
  rejected: 'quarantined',
  limited: 'refused',
  refused: 'refused',
  off: 'differs',
  paused: 'differs',
} as const

function Standing({ view, listing }: { view: View; listing: ListingStanding }) {
  const t = view.t.skuPrices.next
  const { stands, incident, wanted } = listing
  const wants = documentText(wanted, view.language, view.t.sku.shown.salePrice)
  return (
    <>
      <State view={view} state={MARKS[stands]} />
      {incident === null ? null : (
        <>
          <span class="sub">
            {stands === 'rejected' ? t.rejected(actorName(listing.by ?? 'system', view.t.actor.system), wants) : t.heldBack(wants)}
          </span>
          {listing.since === null ? null : (
            <span class="sub">
              {view.t.skuPrices.since} <At view={view} at={new Date(listing.since)} />
            </span>
          )}
          <a class="sub" href={`/held/${incident}`}>
            {t.held}
          </a>
        </>
      )}
      {stands === 'refused' || stands === 'limited' ? (
        <a class="sub" href={`/channels/${encodeURIComponent(listing.channel)}`}>
          {listing.reason ?? t.refused}
        </a>
      ) : null}
      {stands === 'off' ? <span class="sub">{t.off}</span> : null}
      {stands === 'paused' ? <span class="sub">{t.paused}</span> : null}
    </>
  )
}
