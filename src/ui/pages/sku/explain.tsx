import type { LocationStock } from '../../../../db/pages-sku.ts'
import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { Explained, ExplainedChannel } from '../../../usecases/explain.ts'
import { number } from '../../format.ts'
import { Panel } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import type { View } from '../../view.ts'
import { waitsPaused } from './shown.tsx'

type Given = { view: View; explained: Explained; stock: readonly LocationStock[]; fields: readonly ShownField[] }

/** The chain from what is on the shelf to what each channel shows, as a picture in boxes: every number that is in it, in the order of the rule. */
export function ExplainPanel({ view, explained, stock, fields }: Given) {
  const t = view.t.sku.explain
  const listed = explained.chain.filter(channel => explained.fields.some(field => field.channel === channel.channel))
  if (listed.length === 0) return null
  return (
    <Panel id="explain" title={t.title}>
      <p class="panel-note">{t.intro}</p>
      <div class="chains">
        {listed.map(channel => (
          <Chain view={view} channel={channel} explained={explained} stock={stock} fields={fields} />
        ))}
      </div>
    </Panel>
  )
}

type Link = Given & { channel: ExplainedChannel }

function Chain({ view, channel, explained, stock, fields }: Link) {
  const t = view.t.sku.explain
  const field = explained.fields.find(one => one.channel === channel.channel && one.field === 'stock')
  const isPaused = fields.some(one => one.channel === channel.channel && one.field === 'stock' && waitsPaused(one))
  const title = (
    <div class="chain-title">
      <h3>{channel.channel}</h3>
      {field === undefined ? null : isPaused ? (
        <State view={view} state="paused" text={view.t.sku.shown.waitingPaused} />
      ) : (
        <State view={view} state={field.waitingSince !== null && !field.publishes ? 'differs' : stateOf(field.state)} />
      )}
      {channel.stockLead === null ? null : <span class="quiet">{t.sharedWith(channel.stockLead)}</span>}
    </div>
  )
  if (channel.stockLead !== null) return <div id={`chain-${channel.channel}`}>{title}</div>
  return (
    <div id={`chain-${channel.channel}`}>
      {title}
      <div class="chain">
        <div class="chain-places">
          {channel.pool.length === 0 ? <p class="quiet">{t.noPool}</p> : null}
          {channel.pool.map(place => (
            <Place view={view} name={place.location} atp={place.atp} stock={stock.find(one => one.code === place.location)} />
          ))}
        </div>
        <Result view={view} channel={channel} field={field} />
      </div>
    </div>
  )
}

function Place({ view, name, atp, stock }: { view: View; name: string; atp: number; stock: LocationStock | undefined }) {
  const t = view.t.sku.explain
  return (
    <div class="chain-line">
      <span class="place-name">{stock?.name ?? name}</span>
      <Node view={view} value={stock?.onHand ?? 0} label={t.onHand} />
      <Minus view={view} value={stock?.reserved ?? 0} label={t.reserved} />
      <Minus view={view} value={stock?.unavailable ?? 0} label={t.unavailable} />
      <Minus view={view} value={stock?.safetyStock ?? 0} label={t.safety} />
      <Op sign="=" />
      <Node view={view} value={atp} label={t.atp} look="result" />
    </div>
  )
}

function Result({ view, channel, field }: { view: View; channel: ExplainedChannel; field: Explained['fields'][number] | undefined }) {
  const t = view.t.sku.explain
  const { atp, shown, because } = channel.result
  const withheld = field?.withheld ?? 0
  const toSend = Math.max(0, shown - withheld)
  const platform = field?.expected ?? null
  return (
    <div class="chain-result">
      <Node view={view} value={atp} label={t.pool} />
      <Minus view={view} value={channel.buffer} label={t.buffer} />
      <Rule text={channel.cap === null ? t.noCap : t.cap(channel.cap)} isActive={because.includes('cap')} />
      <Rule
        text={
          because.includes('stop_selling')
            ? t.stopped(channel.stopSellingAt)
            : channel.stopSellingAt > 0
              ? t.stop(channel.stopSellingAt)
              : t.noStop
        }
        isActive={because.includes('stop_selling')}
      />
      <Op sign="=" />
      <Node view={view} value={shown} label={t.shown} look="result" />
      <Minus view={view} value={withheld} label={t.withheld} />
      <Op sign="=" />
      <Node view={view} value={toSend} label={t.sent} look="result" />
      <Op sign="→" />
      {platform === null ? (
        <Rule text={t.unknown} isActive={false} />
      ) : (
        <Node view={view} value={platform} label={t.platform} look={platform === toSend ? 'end' : 'end differs'} />
      )}
    </div>
  )
}

function Node({ view, value, label, look }: { view: View; value: number; label: string; look?: string }) {
  return (
    <span class={look === undefined ? 'node' : `node ${look}`}>
      <b>{number(value, view.language)}</b>
      <span>{label}</span>
    </span>
  )
}

function Minus({ view, value, label }: { view: View; value: number; label: string }) {
  return (
    <>
      <Op sign="−" />
      <Node view={view} value={value} label={label} look={value === 0 ? 'minus nothing' : 'minus'} />
    </>
  )
}

function Op({ sign }: { sign: string }) {
  return <span class="op">{sign}</span>
}

/** A rule of the policy; faded where it changed nothing. */
function Rule({ text, isActive }: { text: string; isActive: boolean }) {
  return (
    <span class={isActive ? 'node rule' : 'node rule nothing'}>
      <span>{text}</span>
    </span>
  )
}

const states = ['intended', 'sent', 'accepted', 'applied', 'refused', 'quarantined'] as const

const stateOf = (state: string): (typeof states)[number] => states.find(one => one === state) ?? 'intended'
