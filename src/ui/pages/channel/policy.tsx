import type { ChannelHead, PoolPlace } from '../../../../db/pages-channel.ts'
import type { RiskShown } from '../../../usecases/risk.ts'
import { actorName, number } from '../../format.ts'
import { draftOf, NumberEntry } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** How much of what is available the channel shows. Whoever may not change it sees it. */
export function PolicyPanel({ view, head, risk }: { view: View; head: ChannelHead; risk: RiskShown }) {
  const t = view.t.channel.policy
  const action = `/channels/${encodeURIComponent(head.code)}/policy`
  const draft = draftOf(view, action)
  const since =
    head.policySince === null ? null : (
      <>
        {t.since} <At view={view} at={head.policySince} /> · {actorName(head.policyActor ?? 'system', view.t.actor.system)}
      </>
    )
  return (
    <Panel id="policy" title={t.title}>
      {since === null ? null : <p class="panel-note">{since}</p>}
      {risk.accepted === null ? null : <p class="panel-note">{riskWords(view, risk)}</p>}
      {may(view, 'channels:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={action}>
            <div class="policy-fields">
              <NumberEntry draft={draft} name="buffer" label={t.buffer} hint={t.bufferHint} value={String(head.buffer)} required />
              <NumberEntry
                draft={draft}
                name="bufferPercent"
                label={t.percent}
                hint={t.percentHint}
                value={head.bufferPercent}
                kind="amount"
              />
              <NumberEntry
                draft={draft}
                name="riskMargin"
                label={t.margin}
                hint={t.marginHint}
                value={head.riskMargin ?? ''}
                kind="amount"
              />
              <NumberEntry
                draft={draft}
                name="riskCancellation"
                label={t.cancellation}
                hint={t.cancellationHint}
                value={head.riskCancellation ?? ''}
                kind="amount"
              />
              <NumberEntry draft={draft} name="cap" label={t.cap} hint={t.capHint} value={head.cap === null ? '' : String(head.cap)} />
              <NumberEntry
                draft={draft}
                name="stopSellingAt"
                label={t.stop}
                hint={t.stopHint}
                value={String(head.stopSellingAt)}
                required
              />
            </div>
            <label class="check">
              <input
                type="checkbox"
                name="sellAhead"
                value="yes"
                checked={draft.typed('sellAhead', head.sellAhead ? 'yes' : '') === 'yes'}
              />
              <span>
                {t.ahead}
                <span class="sub">{t.aheadHint}</span>
              </span>
            </label>
            <button type="submit">{t.save}</button>
          </WriteForm>
        </div>
      ) : (
        <Facts
          facts={[
            risk.accepted !== null
              ? [t.risk, t.accepted(share(view, risk.accepted))]
              : head.bufferPercent === '0'
                ? [t.buffer, String(head.buffer)]
                : [t.percent, `${head.bufferPercent} %`],
            [t.cap, head.cap === null ? view.t.none : String(head.cap)],
            [t.stop, String(head.stopSellingAt)],
            [t.ahead, head.sellAhead ? t.yes : t.no],
          ]}
        />
      )}
    </Panel>
  )
}

/** What the buffer by risk comes to, and how it came true. */
function riskWords(view: View, risk: RiskShown): string {
  const t = view.t.channel.policy
  const shown = (value: number) => number(value, view.language)
  const lag = (seconds: number | null) => t.lag(seconds === null ? null : shown(Math.round(seconds)))
  return [
    `${t.risk}: ${t.accepted(share(view, risk.accepted ?? 0))}`,
    t.kept(shown(risk.units), shown(risk.skus)),
    t.lags(lag(risk.publishS), lag(risk.intakeS)),
    risk.windows === 0 ? t.noOutcome : t.outcome(shown(risk.realised), shown(Math.round(risk.predicted))),
  ].join(' · ')
}

const share = (view: View, value: number): string => `${number(Number((value * 100).toPrecision(2)), view.language)} %`

/** The field of a location in the form for the pool. */
export const placeField = (code: string): string => `place:${code}`

/** The locations that serve the channel, in their order. Stock that a platform holds is never in a pool of ours. */
export function PoolPanel({ view, head, pool }: { view: View; head: ChannelHead; pool: readonly PoolPlace[] }) {
  const t = view.t.channel.pool
  const own = pool.filter(place => place.kind !== 'platform')
  const chosen = own.filter(place => place.position !== null)
  return (
    <Panel id="pool" title={t.title}>
      <p class="panel-note">
        {may(view, 'channels:write') ? t.hint : chosen.length === 0 ? t.none : chosen.map(place => place.name).join(' → ')}
      </p>
      {may(view, 'channels:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={`/channels/${head.code}/pool`}>
            {own.map(place => (
              <div class="pool-row">
                <input
                  name={placeField(place.code)}
                  aria-label={t.position(place.name)}
                  inputmode="numeric"
                  pattern="[0-9]{1,3}"
                  title={view.t.form.placeHint}
                  value={place.position === null ? '' : String(chosen.indexOf(place) + 1)}
                  autocomplete="off"
                />
                <span>
                  {place.name}
                  <span class="sub">{place.code}</span>
                </span>
              </div>
            ))}
            <button type="submit">{t.save}</button>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}
