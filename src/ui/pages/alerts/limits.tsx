import { alertKinds } from '../../../domain/sync/alert-kinds.ts'
import type { AlertLimit } from '../../../usecases/alert-limits.ts'
import { actorName, number } from '../../format.ts'
import { AlertTabs } from '../../parts/alert-tabs.tsx'
import { ChoiceEntry, draftOf, NumberEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Beside, Rows } from '../../parts/rows.tsx'
import { may, type View } from '../../view.ts'

/** What a form may say of telling. */
export const TELLS = ['on', 'off', 'usual'] as const

/** From where on each kind of alert is told. */
export function AlertLimitsPage(given: { view: View; limits: readonly AlertLimit[]; channels: readonly string[] }) {
  const { view, limits } = given
  const t = view.t.alerts
  const count = (value: number): string => number(value, view.language)
  const mayChange = may(view, 'channels:write')
  return (
    <Layout view={view} title={t.limits.title}>
      <div class="page-head">
        <h1>{t.limits.title}</h1>
        <p class="lead">{t.limits.lead}</p>
      </div>
      <AlertTabs view={view} current="limits" />
      <Beside form={mayChange ? <LimitForm {...given} /> : null}>
        <Panel id="limits" title={t.limits.title}>
          <Rows
            label={t.limits.title}
            rows={limits}
            id={one => `limit-${one.kind}${one.channel === null ? '' : `-${one.channel}`}`}
            isOver={one => one.off}
            empty=""
            columns={[
              { head: t.kind, names: true, cell: one => t.kinds[one.kind] },
              { head: t.limits.channel, cell: one => one.channel ?? <span class="quiet">{t.limits.all}</span> },
              {
                head: t.limits.from,
                cell: one =>
                  one.off ? (
                    <span class="quiet">{t.limits.off}</span>
                  ) : (
                    (one.unit === 'seconds'
                      ? t.limits.seconds
                      : one.kind === 'drift' || one.kind === 'acts_refused'
                        ? t.limits.withinDay
                        : t.limits.within)(count(one.amount))
                  ),
              },
              { head: t.limits.over, cell: one => t.limits.seconds(count(one.quietS)) },
              {
                head: t.limits.setBy,
                cell: one => (one.actor === null ? <span class="quiet">{t.limits.usual}</span> : actorName(one.actor, view.t.actor.system)),
              },
            ]}
          />
          {mayChange ? null : <p class="panel-note">{t.limits.notAllowed}</p>}
        </Panel>
      </Beside>
    </Layout>
  )
}

function LimitForm({ view, channels }: { view: View; channels: readonly string[] }) {
  const t = view.t.alerts
  const draft = draftOf(view, '/alerts/limits')
  return (
    <Panel id="change" title={t.limits.edit}>
      <div class="panel-body">
        <WriteForm view={view} action="/alerts/limits">
          <ChoiceEntry
            draft={draft}
            name="kind"
            label={t.kind}
            required
            options={alertKinds.map(kind => ({ value: kind, word: t.kinds[kind] }))}
          />
          <ChoiceEntry
            draft={draft}
            name="channel"
            label={t.limits.channel}
            hint={t.limits.channelHint}
            none={t.limits.installation}
            options={channels.map(code => ({ value: code, word: code }))}
          />
          <NumberEntry draft={draft} name="amount" label={t.limits.amount} hint={t.limits.amountHint} />
          <NumberEntry draft={draft} name="quietS" label={t.limits.quiet} hint={t.limits.amountHint} />
          <ChoiceEntry
            draft={draft}
            name="told"
            label={t.limits.told}
            value="on"
            options={TELLS.map(value => ({ value, word: t.limits.tells[value] }))}
          />
          <button type="submit" class="main">
            {t.limits.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
