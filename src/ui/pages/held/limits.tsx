import type { GuardLimits } from '../../../../db/guard.ts'
import { actorName, number } from '../../format.ts'
import { draftOf, NumberEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { HeldTabs } from '../../parts/held-tabs.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** What may change in each channel without a person looking at it. */
export function GuardLimitsPage({ view, limits }: { view: View; limits: readonly GuardLimits[] }) {
  const t = view.t.held.guard
  const count = (value: number): string => number(value, view.language)
  const off = <span class="quiet">{t.off}</span>
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <HeldTabs view={view} current="limits" />
      <Panel id="limits" title={t.title}>
        <Rows
          label={t.title}
          rows={limits}
          id={one => `guard-${one.channel}`}
          empty={t.none}
          columns={[
            {
              head: view.t.held.channel,
              names: true,
              cell: one => <a href={`/channels/${encodeURIComponent(one.channel)}`}>{one.channel}</a>,
            },
            {
              head: t.changed,
              cell: one =>
                one.changedPercent === null ? off : t.changedIs(one.changedPercent, count(one.changedLeast), count(one.windowMinutes)),
            },
            { head: t.dropped, cell: one => (one.dropPercent === null ? off : t.droppedIs(one.dropPercent)) },
            {
              head: t.zeroed,
              cell: one =>
                one.zeroListings === null ? off : t.zeroedIs(count(one.zeroListings), one.zeroPercent, count(one.releaseMinutes)),
            },
            {
              head: view.t.priceSettings.since,
              cell: one =>
                one.since === null ? (
                  <span class="quiet">{t.usual}</span>
                ) : (
                  <>
                    <At view={view} at={one.since} />
                    <span class="sub">{actorName(one.actor ?? 'system', view.t.actor.system)}</span>
                  </>
                ),
            },
          ]}
        />
        {may(view, 'channels:write') || limits.length === 0 ? null : <p class="panel-note">{t.notAllowed}</p>}
      </Panel>
      {may(view, 'channels:write') && limits.length > 0 ? (
        <Panel id="change" title={t.edit}>
          <div class="panel-body">
            {limits.map(one => (
              <LimitsForm view={view} limits={one} isOpen={limits.length === 1} />
            ))}
          </div>
        </Panel>
      ) : null}
    </Layout>
  )
}

function LimitsForm({ view, limits, isOpen }: { view: View; limits: GuardLimits; isOpen: boolean }) {
  const t = view.t.held.guard
  const action = `/held/limits/${encodeURIComponent(limits.channel)}`
  const draft = draftOf(view, action)
  const percent = (name: 'changedPercent' | 'dropPercent' | 'zeroPercent', mayBeEmpty: boolean) => (
    <NumberEntry
      draft={draft}
      name={name}
      label={t[name]}
      kind="amount"
      value={limits[name] ?? ''}
      required={!mayBeEmpty}
      {...(mayBeEmpty ? { hint: t.emptyHint } : {})}
    />
  )
  const whole = (name: 'changedLeast' | 'windowMinutes' | 'releaseMinutes') => (
    <NumberEntry
      draft={draft}
      name={name}
      label={t[name]}
      value={String(limits[name])}
      required
      {...(name === 'releaseMinutes' ? { hint: t.releaseHint } : {})}
    />
  )
  const zero = limits.zeroListings === null ? '' : String(limits.zeroListings)
  return (
    <details class="fold" id={`change-${limits.channel}`} open={isOpen || view.typed?.action === action}>
      <summary>{limits.channel}</summary>
      <div>
        <WriteForm view={view} action={action}>
          <div class="policy-fields">
            {percent('changedPercent', true)}
            {whole('changedLeast')}
            {whole('windowMinutes')}
            {percent('dropPercent', true)}
            <NumberEntry draft={draft} name="zeroListings" label={t.zeroListings} value={zero} hint={t.emptyHint} />
            {percent('zeroPercent', false)}
            {whole('releaseMinutes')}
          </div>
          <button type="submit">{t.save}</button>
        </WriteForm>
      </div>
    </details>
  )
}
