import type { StepThen } from '../../db/explain-sent.ts'
import type { Explained, ExplainedChannel, ExplainedPlace } from './explain.ts'

/** The explanation as lines of text for a terminal. */
export function explainText(explained: Explained): string {
  const { sku, title, at, isPast, isBundle } = explained
  const when = isPast ? `as it was at ${at}, by what was recorded then` : `now, ${at}`
  return [
    `${sku}  ${title}${isBundle ? ' (bundle)' : ''}`,
    when,
    '',
    ...(explained.locations.length === 0
      ? ['There was never any of it.']
      : explained.locations.flatMap(place => placeLines(place, explained))),
    ...(explained.reservationsLeftOut > 0 ? [`  and ${explained.reservationsLeftOut} more promises`] : []),
    ...explained.chain.flatMap(channel => ['', ...channelLines(channel)]),
  ].join('\n')
}

function placeLines(place: ExplainedPlace, { sku, reservations }: Explained): string[] {
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
        const until = one.until === null ? '' : ` until ${one.until.toISOString()}${one.isOver ? ': over, counts as released' : ''}`
        return `    ${one.quantity}${what} ${whom} since ${one.since.toISOString()}${until}`
      }),
  ]
}

function channelLines(channel: ExplainedChannel): string[] {
  const { atp, ahead, buffer, shown, because } = channel.result
  if (channel.stockLead !== null) return [`${channel.channel}: its stock is published with ${channel.stockLead}`, ...sentLines(channel)]
  const open = channel.pool.filter(place => place.active)
  const pool = open.map(place => `${place.location} ${place.available}`).join(' + ') || 'no open location serves it'
  const percent = Number(channel.bufferPercent) > 0 ? ` (${channel.bufferPercent} % of ${atp})` : ''
  const terms = channel.terms
  const promised = terms?.availableFrom ? `, there from ${terms.availableFrom.toISOString()}` : ''
  return [
    `${channel.channel}: shows ${shown}`,
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
    ...(channel.policySince === null ? [] : [`    rule of ${channel.policySince.toISOString()} by ${channel.policyActor ?? 'nobody'}`]),
    ...sentLines(channel),
  ]
}

function sentLines(channel: ExplainedChannel): string[] {
  if (channel.published.length === 0) return ['    nothing was published there']
  return channel.published.flatMap(one => {
    const steps: [string, StepThen | null][] = [
      ['intended', one.intended],
      ['sent', one.sent],
      ['accepted', one.accepted],
      ['refused', one.refused],
      ['read back', one.readBack],
    ]
    const told = steps.flatMap(([word, step]) => (step === null ? [] : [`${word} ${quantityOf(step)} at ${step.at}`]))
    const own = one.ownUnits > 0 ? ` after ${one.ownUnits} sold there since` : ''
    return [
      `    listing ${one.externalSku} (${one.externalId}): ${told.join(', ')}`,
      `      the platform shows ${one.shows ?? 'nobody knows what'}${own}`,
    ]
  })
}

const quantityOf = (step: StepThen): string => (typeof step.value?.quantity === 'number' ? String(step.value.quantity) : '?')
