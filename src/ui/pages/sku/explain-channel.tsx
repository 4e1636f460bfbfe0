import { raw } from 'hono/html'
import type { StepThen } from '../../../../db/explain-sent.ts'
import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { ExplainedChannel } from '../../../usecases/explain.ts'
import { actorName, number } from '../../format.ts'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { waterfallChart } from '../../waterfall.ts'
import { waitsPaused } from './shown.tsx'

type Given = {
  readonly view: View
  readonly channel: ExplainedChannel
  /** The channel's present publication of this stock; none where the past is told. */
  readonly field: ShownField | undefined
}

/** A channel: the picture from on hand to shown, the rules that made it, and how far the number got. */
export function ExplainChannel({ view, channel, field }: Given) {
  const t = view.t.sku.explain
  const title = (
    <div class="chain-title">
      <h3>{channel.channel}</h3>
      <FieldState view={view} field={field} />
      {channel.stockLead === null ? null : <span class="quiet">{t.sharedWith(channel.stockLead)}</span>}
    </div>
  )
  if (channel.stockLead !== null) return <div id={`chain-${channel.channel}`}>{title}</div>
  const { result } = channel
  const words = number(result.shown, view.language)
  return (
    <div id={`chain-${channel.channel}`}>
      {title}
      {channel.pool.length === 0 ? (
        <p class="quiet">{t.noPool}</p>
      ) : (
        <div class="chart waterfall" role="img" aria-label={t.picture(channel.channel, words)}>
          {raw(waterfallChart(channel.steps, result, t.steps, view.language))}
        </div>
      )}
      <Rules view={view} channel={channel} />
      {field === undefined ? null : <ToSend view={view} shown={result.shown} field={field} />}
      {channel.published.map(one => (
        <Sent view={view} published={one} />
      ))}
    </div>
  )
}

function FieldState({ view, field }: { view: View; field: ShownField | undefined }) {
  if (field === undefined) return null
  if (waitsPaused(field)) return <State view={view} state="paused" text={view.t.sku.shown.waitingPaused} />
  return <State view={view} state={field.waitingSince !== null && !field.published ? 'differs' : field.state} />
}

function Rules({ view, channel }: { view: View; channel: ExplainedChannel }) {
  const t = view.t.sku.explain
  const { result, terms, pool } = channel
  const open = pool.filter(place => place.active)
  const buffer =
    Number(channel.bufferPercent) > 0 ? t.bufferPercent(channel.bufferPercent, result.atp, result.buffer) : t.buffer(result.buffer)
  const ahead = terms !== null && channel.sellAhead
  return (
    <ul class="rules">
      <li>
        {t.pool}{' '}
        {pool.map((place, at) => (
          <>
            {at === 0 ? '' : ', '}
            <span class={place.active ? '' : 'quiet'}>
              {at + 1}. {place.name} {place.active ? <b>{number(place.available, view.language)}</b> : t.closed}
            </span>
          </>
        ))}
        {open.length > 1 ? ` = ${number(result.atp, view.language)}` : ''}
      </li>
      <li class={result.because.includes('buffer') ? 'acts' : ''}>{buffer}</li>
      <li class={result.because.includes('cap') ? 'acts' : ''}>{channel.cap === null ? t.noCap : t.cap(channel.cap)}</li>
      <li class={result.because.includes('stop_selling') ? 'acts' : ''}>
        {result.because.includes('stop_selling')
          ? t.stopped(channel.stopSellingAt)
          : channel.stopSellingAt > 0
            ? t.stop(channel.stopSellingAt)
            : t.noStop}
      </li>
      {terms === null || !ahead ? null : (
        <li class={result.because.includes('ahead') ? 'acts' : ''}>
          {t.terms[terms.kind](terms.limit, terms.short)}
          {terms.availableFrom === null ? null : (
            <>
              {' '}
              {t.from} <At view={view} at={terms.availableFrom} />
            </>
          )}
        </li>
      )}
      {channel.policySince === null ? null : (
        <li class="quiet">
          {t.ruleOf} {actorName(channel.policyActor ?? 'system', view.t.actor.system)}, <At view={view} at={channel.policySince} />
        </li>
      )}
    </ul>
  )
}

/** What is to be sent now: less what is withheld for orders that were not seen, beside what the platform shows. */
function ToSend({ view, shown, field }: { view: View; shown: number; field: ShownField }) {
  const t = view.t.sku.explain
  const toSend = Math.max(0, shown - field.withheld)
  return (
    <div class="chain-result">
      <Node view={view} value={shown} label={t.steps.shown} look="result" />
      {field.withheld === 0 ? null : (
        <>
          <span class="op">−</span>
          <Node view={view} value={field.withheld} label={t.withheld} look="minus" />
          <span class="op">=</span>
          <Node view={view} value={toSend} label={t.sent} look="result" />
        </>
      )}
      <span class="op">→</span>
      {field.expected === null ? (
        <span class="node nothing">
          <span>{t.unknown}</span>
        </span>
      ) : (
        <Node view={view} value={field.expected} label={t.platform} look={field.expected === toSend ? 'end' : 'end differs'} />
      )}
    </div>
  )
}

const words = ['intended', 'sent', 'accepted', 'refused', 'readBack'] as const

/** How far the number had got on one listing: each step with its value and instant. */
function Sent({ view, published }: { view: View; published: ExplainedChannel['published'][number] }) {
  const t = view.t.sku.explain
  return (
    <p class="sent">
      <span class="sku">{published.externalSku}</span>
      {words.map(word => (
        <SentStep view={view} word={t.sentSteps[word]} step={published[word]} />
      ))}
      <span>
        {t.shows} <b>{published.shows === null ? t.unknown : number(published.shows, view.language)}</b>
        {published.ownUnits > 0 ? ` ${t.ownUnits(published.ownUnits)}` : ''}
      </span>
    </p>
  )
}

function SentStep({ view, word, step }: { view: View; word: string; step: StepThen | null }) {
  if (step === null) return null
  return (
    <span>
      {word} <b>{typeof step.value?.quantity === 'number' ? number(step.value.quantity, view.language) : '–'}</b>{' '}
      <At view={view} at={new Date(step.at)} />
    </span>
  )
}

function Node({ view, value, label, look }: { view: View; value: number; label: string; look: string }) {
  return (
    <span class={`node ${look}`}>
      <b>{number(value, view.language)}</b>
      <span>{label}</span>
    </span>
  )
}
