import { STANDS } from '../../../usecases/force.ts'
import type { PublishingShown } from '../../../usecases/publishing.ts'
import { number } from '../../format.ts'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { addressOf } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Where a channel's values are listed. */
export const valuesPath = (code: string): string => `/channels/${encodeURIComponent(code)}/publications`

/** How many values of a channel are in which state, since when the oldest, what is left of the quota, and when the backlog is done. */
export function PublishingPanel({ view, publishing }: { view: View; publishing: PublishingShown }) {
  const t = view.t.publishing
  const path = valuesPath(publishing.channel)
  const refused = publishing.counts.filter(one => one.stands === 'refused').reduce((sum, one) => sum + one.count, 0)
  return (
    <Panel id="publishing" title={t.title} aside={<a href={path}>{t.all}</a>}>
      <Refreshed view={view} name="publishing">
        {publishing.counts.length === 0 ? <Empty text={t.none} /> : <Counts view={view} publishing={publishing} />}
        <Facts
          facts={[
            [t.quota, <Quota view={view} publishing={publishing} />],
            [t.backlog, <Backlog view={view} publishing={publishing} />],
          ]}
        />
      </Refreshed>
      {may(view, 'channels:write') ? (
        <div class="panel-body form-row">
          {refused === 0 ? null : (
            <ForceForm view={view} code={publishing.channel} fields={{ state: 'refused' }} word={t.force.refused(refused)} />
          )}
          <details>
            <summary>{t.force.all}</summary>
            <WriteForm view={view} action={forceAction(publishing.channel)} class="confirm">
              <p>{t.force.confirm(publishing.name)}</p>
              <button type="submit">{t.force.yes}</button>
            </WriteForm>
          </details>
        </div>
      ) : null}
    </Panel>
  )
}

const forceAction = (code: string): string => `/channels/${encodeURIComponent(code)}/force`

/** A button that sends a selection now. */
export function ForceForm(given: { view: View; code: string; fields: Readonly<Record<string, string>>; word: string }) {
  const { view, code, fields, word } = given
  return (
    <WriteForm view={view} action={forceAction(code)} class="inline-form">
      {Object.entries(fields).map(([name, value]) => (value === '' ? null : <input type="hidden" name={name} value={value} />))}
      <button type="submit" class="small">
        {word}
      </button>
    </WriteForm>
  )
}

function Counts({ view, publishing }: { view: View; publishing: PublishingShown }) {
  const t = view.t.publishing
  const path = valuesPath(publishing.channel)
  const states = STANDS.filter(state => publishing.counts.some(one => one.stands === state))
  return (
    <Table label={t.title} isStacked>
      <thead>
        <tr>
          <th>{t.state}</th>
          <th class="num">{t.stock}</th>
          <th>{t.oldest}</th>
          <th class="num">{t.prices}</th>
          <th>{t.oldest}</th>
        </tr>
      </thead>
      <tbody>
        {states.map(state => (
          <tr id={`stands-${state}`}>
            <th scope="row">
              <State view={view} state={state} />
            </th>
            {(['stock', 'price'] as const).map(field => {
              const one = publishing.counts.find(count => count.stands === state && count.field === field)
              if (one === undefined) {
                return (
                  <>
                    <td class="num zero">0</td>
                    <td class="nothing" />
                  </>
                )
              }
              return (
                <>
                  <td class="num" data-label={field === 'stock' ? t.stock : t.prices}>
                    <a href={addressOf(path, { state, field })}>{number(one.count, view.language)}</a>
                  </td>
                  <td data-label={t.oldest}>
                    <Ago view={view} at={one.oldest} isWait={state !== 'applied' && state !== 'accepted'} />
                  </td>
                </>
              )
            })}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

function Quota({ view, publishing }: { view: View; publishing: PublishingShown }) {
  const t = view.t.publishing
  const { quota } = publishing
  if (quota === null) return <span class="quiet">{t.quotaUnknown}</span>
  const rate = t.quotaBack(number(Number(quota.perSecond.toPrecision(3)), view.language))
  if (quota.callsLeft === null) {
    return (
      <>
        <span class="quiet">{t.quotaUntold}</span>
        <span class="sub">{rate}</span>
      </>
    )
  }
  return (
    <>
      {t.quotaLeft(number(quota.callsLeft, view.language), number(Math.floor(quota.burst), view.language))}
      <span class="sub">
        {rate} · {t.quotaTold} <Ago view={view} at={quota.toldAt} />
      </span>
      {quota.openAt === null || quota.openAt <= view.now ? null : (
        <span class="sub tone-bad">
          {t.quotaShut} <At view={view} at={quota.openAt} />
        </span>
      )}
    </>
  )
}

function Backlog({ view, publishing }: { view: View; publishing: PublishingShown }) {
  const t = view.t.publishing
  const { fields, accountFields, calls, doneAt, waitsFor } = publishing.backlog
  const { feed } = publishing
  return (
    <>
      {accountFields === 0 ? t.backlogNone : t.backlogOf(fields, accountFields, calls)}
      {doneAt === null ? null : (
        <span class="sub">
          {t.doneAt} <At view={view} at={doneAt} />
        </span>
      )}
      {waitsFor === null ? null : <span class="sub">{t.waitsFor[waitsFor]}</span>}
      {feed === null ? null : (
        <span class={feed.state === 'late' ? 'sub tone-bad' : 'sub'}>
          {feed.state === 'late' ? t.feedLate : t.feed(feed.prices)} <At view={view} at={feed.since} />
        </span>
      )}
    </>
  )
}
