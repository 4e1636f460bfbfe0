import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { ExplainedChannelPrice, ExplainedPrice } from '../../../usecases/explain-price.ts'
import { documentText, minute, money } from '../../format.ts'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
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
  return (
    <Panel id="shown" title={t.shown}>
      {explained.tense === 'now' ? null : (
        <p class="panel-note">
          {explained.tense === 'past' ? t.wasThen : t.willBe} <At view={view} at={new Date(explained.at)} />
        </p>
      )}
      {explained.channels.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.shown}>
          <thead>
            <tr>
              <th>{t.channel}</th>
              <th class="num">{t.pays}</th>
              <th class="num">{t.regular}</th>
              <th>{t.sale}</th>
              <th class="num">{t.reference}</th>
              <th>{t.platform}</th>
              <th>{t.state}</th>
            </tr>
          </thead>
          <tbody>
            {explained.channels.map(channel => (
              <Row
                view={view}
                channel={channel}
                field={explained.tense === 'now' ? fields.find(one => one.channel === channel.channel && one.field === 'price') : undefined}
                incident={held.get(channel.channel)}
              />
            ))}
          </tbody>
        </Table>
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

function Row({ view, channel, field, incident }: RowGiven) {
  const t = view.t.skuPrices
  const { currency, document, regular, reduction } = channel
  const sale = document?.sale ?? null
  const shows = channel.published.map(one => one.shows)
  return (
    <tr id={`price-in-${channel.channel}`}>
      <th scope="row">
        <a href={`#why-${channel.channel}`}>{channel.channel}</a>
        <span class="sub">{channel.taxIncluded ? t.withTax : t.withoutTax}</span>
      </th>
      <td class="num strong">{channel.amount === null ? t.noPrice : money(channel.amount, currency)}</td>
      <td class="num">{money(regular?.amount ?? null, currency)}</td>
      <td class="keep">
        {sale === null ? (
          <span class="quiet">–</span>
        ) : (
          <>
            {sale.from === null ? money(sale.amount, currency) : t.saleFrom(money(sale.amount, currency), minute(new Date(sale.from)))}
            {sale.to === null ? null : <span class="sub">{t.saleUntil(minute(new Date(sale.to)))}</span>}
          </>
        )}
      </td>
      <td class="num">{reduction?.reference == null ? '–' : money(reduction.reference, currency)}</td>
      <td>
        {shows.length === 0 ? (
          <span class="quiet">{t.notListed}</span>
        ) : (
          shows.map(value => <span class="shows">{documentText(value, view.language, view.t.sku.shown.salePrice)}</span>)
        )}
      </td>
      <td>
        <NextStep view={view} channel={channel} field={field} incident={incident} />
      </td>
    </tr>
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
