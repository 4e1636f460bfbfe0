import type { ChannelHead } from '../../../../db/pages-channel.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { may, type View } from '../../view.ts'

/** The two switches. Each opens a question that says how many listings would change; nothing happens before the answer. */
export function SwitchesPanel({ view, head }: { view: View; head: ChannelHead }) {
  const t = view.t.channel.switches
  return (
    <Panel id="switches" title={t.title}>
      <Switch
        view={view}
        head={head}
        field="stock"
        isOn={head.publishStock}
        name={t.stock}
        changes={head.stockDiffers}
        question={t.confirmStockOn(head.stockDiffers, head.name)}
      />
      <Switch
        view={view}
        head={head}
        field="prices"
        isOn={head.publishPrices}
        name={t.prices}
        changes={head.pricesDiffer}
        question={t.confirmPricesOn(head.pricesDiffer, head.name)}
      />
    </Panel>
  )
}

type SwitchGiven = {
  view: View
  head: ChannelHead
  field: 'stock' | 'prices'
  isOn: boolean
  name: string
  changes: number
  question: string
}

function Switch({ view, head, field, isOn, name, changes, question }: SwitchGiven) {
  const t = view.t.channel.switches
  const unmatched = head.listings - head.matched
  return (
    <div class="switch" id={`switch-${field}`}>
      <div class="switch-head">
        <h3>{name}</h3>
        <State view={view} state={isOn ? 'active' : 'paused'} text={isOn ? t.on : t.off} />
      </div>
      {field === 'stock' && head.stockLead !== null ? <p class="quiet">{view.t.channel.sharesStock(head.stockLead)}</p> : null}
      {may(view, 'channels:write') && !(field === 'stock' && head.stockLead !== null) ? (
        <details>
          <summary>{isOn ? t.turnOff : t.turnOn}</summary>
          <WriteForm view={view} action={`/channels/${head.code}/publish`} class="confirm">
            <p>{isOn ? t.confirmOff(head.name) : question}</p>
            {!isOn && unmatched > 0 ? <p class="quiet">{t.unmatched(unmatched)}</p> : null}
            <input type="hidden" name="field" value={field} />
            <input type="hidden" name="on" value={isOn ? 'no' : 'yes'} />
            <button type="submit" class={isOn ? 'danger' : 'main'}>
              {isOn ? t.yesOff : t.yesOn(changes)}
            </button>
          </WriteForm>
        </details>
      ) : null}
    </div>
  )
}

/** Pauses the channel or lets it go on, and looks at the platform again. */
export function PausePanel({ view, head }: { view: View; head: ChannelHead }) {
  const t = view.t.channel.pause
  const { reset } = view.t.publishing
  return (
    <Panel id="pause" title={t.title}>
      <div class="panel-body form">
        <p class="quiet">{head.paused ? t.channelPaused : t.channelRuns}</p>
        {may(view, 'channels:write') ? (
          <div class="form-row">
            <WriteForm view={view} action={`/channels/${head.code}/pause`} class="inline-form">
              <input type="hidden" name="paused" value={head.paused ? 'no' : 'yes'} />
              <button type="submit" class={head.paused ? 'main' : ''}>
                {head.paused ? t.resume : t.pause}
              </button>
            </WriteForm>
            <WriteForm view={view} action={`/channels/${head.code}/observe`} class="inline-form">
              <button type="submit">{t.observe}</button>
            </WriteForm>
            <details>
              <summary>{reset.open}</summary>
              <WriteForm view={view} action={`/channels/${head.code}/reset`} class="confirm">
                <p>{reset.confirm(head.name)}</p>
                <button type="submit">{reset.yes}</button>
              </WriteForm>
            </details>
          </div>
        ) : null}
      </div>
    </Panel>
  )
}
