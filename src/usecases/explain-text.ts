import type { RiskThen } from '../../db/explain-channels.ts'
import type { StepThen } from '../../db/explain-sent.ts'
import type { Explained, ExplainedChannel, ExplainedPlace } from './explain.ts'

/** An instant as it is to be read. */
export type InstantText = (at: Date | string) => string

/** The explanation as lines of text for a terminal; `text` words its instants. */
export function explainText(explained: Explained, text: InstantText): string {
  const { sku, title, at, isPast, isBundle } = explained
  const when = isPast ? `as it was at ${text(at)}, by what was recorded then` : `now, ${text(at)}`
  return [
    `${sku}  ${title}${isBundle ? ' (bundle)' : ''}`,
    when,
    '',
    ...(explained.locations.length === 0
      ? ['There was never any of it.']
      : explained.locations.flatMap(place => placeLines(place, explained, text))),
    ...(explained.reservationsLeftOut > 0 ? [`  and ${explained.reservationsLeftOut} more promises`] : []),
    ...explained.chain.flatMap(channel => ['', ...channelLines(channel, text)]),
  ].join('\n')
}

function placeLines(place: ExplainedPlace, { sku, reservations }: Explained, text: InstantText): string[] {
  const minus = [
    `reserved ${place.reserved - place.over}`,
    `unavailable ${place.unavailable}`,
    ...(place.expiredLots > 0 ? [`past its time ${place.expiredLots}`] : []),
    `safety stock ${place.safetyStock}`,
  ]
  const made = place.parts.length > 0 ? ` + ${place.made} made from parts` : ''
  const coming = place.incoming > 0 ? `; ${place.incoming} incoming` : ''
  const shut = place.active ? '' : '; closed: it serves no channel'
  return [
    `${place.location}: on hand ${place.onHand} − ${minus.join(' − ')}${made} = ${place.available} available to promise${coming}${shut}`,
    ...place.parts.map(
      part =>
        `    ${part.perUnit} × ${part.sku}: ${part.available} available make ${part.allows}${part.limits ? ' (no part allows fewer)' : ''}`,
    ),
    ...reservations
      .filter(one => one.location === place.location)
      .map(one => {
        const what = `${one.sku === sku ? '' : ` of ${one.sku}`}${one.bundle === null ? '' : ` as a part of ${one.bundle}`}`
        const whom =
          one.orderNumber === null ? `held as ${one.basket}` : `for order ${one.orderNumber}${one.channel ? ` (${one.channel})` : ''}`
        const until = one.until === null ? '' : ` until ${text(one.until)}${one.isOver ? ': over, counts as released' : ''}`
        return `    ${one.quantity}${what} ${whom} since ${text(one.since)}${until}`
      }),
  ]
}

/** ` (by risk: …)`: what others sell unseen, and how likely it is more than is kept back. */
function riskWords(risk: RiskThen | null): string {
  if (risk === null) return ''
  const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`
  const mean = Number(risk.mean.toPrecision(2))
  return ` (by risk: others sell ${mean} in the ${Math.round(risk.lagS)} s before it is known here; more than is kept back with ${percent(risk.tail)}, ${percent(risk.accepted)} accepted)`
}

function channelLines(channel: ExplainedChannel, text: InstantText): string[] {
  const { atp, ahead, buffer, shown, because } = channel.result
  if (channel.stockLead !== null)
    return [`${channel.channel}: its stock is published with ${channel.stockLead}`, ...sentLines(channel, text)]
  const open = channel.pool.filter(place => place.active)
  const pool = open.map(place => `${place.location} ${place.available}`).join(' + ') || 'no open location serves it'
  const percent = Number(channel.bufferPercent) > 0 ? ` (${channel.bufferPercent} % of ${atp})` : riskWords(channel.risk)
  const terms = channel.terms
  const promised = terms?.availableFrom ? `, there from ${text(terms.availableFrom)}` : ''
  return [
    channel.published.length > 0
      ? `${channel.channel}: shows ${shown}`
      : `${channel.channel}: not listed there; a listing would show ${shown}`,
    `    pool ${pool} = ${atp}`,
    ...(terms === null
      ? []
      : [
          channel.sellAhead
            ? `    + ${ahead} to be sold ahead (${terms.kind} up to ${terms.limit}, orders lack ${terms.short}${promised})`
            : `    ${terms.kind} up to ${terms.limit} is not shown here`,
        ]),
    ...(because.includes('stop_selling')
      ? [`    stop selling at ${channel.stopSellingAt}: at most so many are left, so 0 is shown`]
      : [
          `    − buffer ${buffer}${percent}, ${channel.cap === null ? 'no cap' : `cap ${channel.cap}`}, stop selling at ${channel.stopSellingAt}`,
        ]),
    ...(channel.policySince === null ? [] : [`    rule of ${text(channel.policySince)} by ${channel.policyActor ?? 'nobody'}`]),
    ...sentLines(channel, text),
  ]
}

function sentLines(channel: ExplainedChannel, text: InstantText): string[] {
  if (channel.published.length === 0) return ['    nothing was published there']
  return channel.published.flatMap(one => {
    const steps: [string, StepThen | null][] = [
      ['intended', one.intended],
      ['sent', one.sent],
      ['accepted', one.accepted],
      ['refused', one.refused],
      ['read back', one.readBack],
    ]
    const told = steps.flatMap(([word, step]) => (step === null ? [] : [`${word} ${quantityOf(step)} at ${text(step.at)}`]))
    const own = one.ownUnits > 0 ? ` after ${one.ownUnits} sold there since` : ''
    return [
      `    listing ${one.externalSku} (${one.externalId}): ${told.join(', ')}`,
      `      the platform shows ${one.shows ?? 'nobody knows what'}${own}`,
    ]
  })
}

const quantityOf = (step: StepThen): string => (typeof step.value?.quantity === 'number' ? String(step.value.quantity) : '?')
