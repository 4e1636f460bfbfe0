import type { DeliveryRow, EndpointRow } from '../../../../db/alert-deliveries.ts'
import { NOTICE_KINDS, noticeOfEvent } from '../../../domain/notices/kinds.ts'
import { alertKinds, isAlertKind } from '../../../domain/sync/alert-kinds.ts'
import { listed, number } from '../../format.ts'
import { AlertTabs } from '../../parts/alert-tabs.tsx'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { languageNames } from '../../words.ts'
import { DeliveryLog } from './log.tsx'

type Given = {
  readonly view: View
  readonly webhooks: readonly EndpointRow[]
  readonly mails: readonly EndpointRow[]
  readonly deliveries: readonly DeliveryRow[]
}

/** Where alerts are told, and how that went. */
export function ToldPage({ view, webhooks, mails, deliveries }: Given) {
  const t = view.t.alerts.told
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <AlertTabs view={view} current="told" />
      <div class="columns">
        <Panel id="webhooks" title={t.webhooks}>
          <p class="panel-note">{t.webhooksLead}</p>
          <Endpoints view={view} label={t.webhooks} rows={webhooks} empty={t.noWebhooks} />
        </Panel>
        <AddForm view={view} via="webhook" />
      </div>
      <div class="columns">
        <Panel id="mails" title={t.mails}>
          <p class="panel-note">{t.mailsLead}</p>
          <Endpoints view={view} label={t.mails} rows={mails} empty={t.noMails} />
        </Panel>
        <AddForm view={view} via="email" />
      </div>
      <DeliveryLog view={view} rows={deliveries} endpoints={[...webhooks, ...mails]} />
    </Layout>
  )
}

/** The choice of all notices to buyers, and of no alert. */
export const ALL_NOTICES = 'order.*'

function Endpoints({ view, label, rows, empty }: { view: View; label: string; rows: readonly EndpointRow[]; empty: string }) {
  const t = view.t.alerts
  const kindsOf = (row: EndpointRow) =>
    row.kinds.length === 0
      ? t.told.allKinds
      : listed(
          row.kinds.flatMap(kind => {
            const notice = noticeOfEvent(kind)
            return isAlertKind(kind) ? [t.kinds[kind]] : notice === null ? [] : [view.t.notices.kinds[notice]]
          }),
          view.language,
        )
  return (
    <Rows
      label={label}
      rows={rows}
      id={row => `endpoint-${row.id}`}
      isOver={row => row.state === 'gone'}
      empty={empty}
      columns={[
        {
          head: t.told.address,
          names: true,
          cell: row => (
            <>
              <span class="address" translate="no">
                {row.address}
              </span>
              {row.name === '' ? null : (
                <span class="sub" translate="no">
                  {row.name}
                </span>
              )}
              <span class="sub">{kindsOf(row)}</span>
            </>
          ),
        },
        {
          head: t.state,
          cell: row => (
            <>
              <State view={view} state={row.state} />
              {row.secrets.length > 1 ? <span class="sub">{t.told.secrets(number(row.secrets.length, view.language))}</span> : null}
            </>
          ),
        },
        { head: t.told.waiting, look: 'num', cell: row => number(row.waiting, view.language) },
        { head: t.told.last, look: 'hide-narrow', cell: row => <At view={view} at={row.lastDone} /> },
        { head: t.told.failed, look: 'hide-narrow', cell: row => <At view={view} at={row.lastFailed} /> },
        { head: '', look: () => 'end', cell: row => <Acts view={view} row={row} /> },
      ]}
    />
  )
}

/** What can be done with an endpoint. What cannot be taken back stands behind a fold, with what it does. */
function Acts({ view, row }: { view: View; row: EndpointRow }) {
  const t = view.t.alerts.told
  const at = `/alerts/told/${row.via}/${row.id}`
  const isActive = row.state === 'active'
  return (
    <>
      {isActive ? (
        <WriteForm view={view} action={`${at}/test`} class="inline-form">
          <button type="submit">{t.test}</button>
        </WriteForm>
      ) : null}
      <details class="fold">
        <summary>{view.t.counting.reasons.change}</summary>
        <WriteForm view={view} action={`${at}/${isActive ? 'pause' : 'resume'}`}>
          <button type="submit">{isActive ? t.pause : t.resume}</button>
        </WriteForm>
        {row.via === 'webhook' ? (
          <WriteForm view={view} action={`${at}/rotate`}>
            <p class="field-hint">{t.rotateSure}</p>
            <button type="submit">{t.rotate}</button>
          </WriteForm>
        ) : null}
        <WriteForm view={view} action={`${at}/remove`}>
          <p class="field-hint">{t.removeSure}</p>
          <button type="submit">{t.remove}</button>
        </WriteForm>
      </details>
    </>
  )
}

function AddForm({ view, via }: { view: View; via: EndpointRow['via'] }) {
  const t = view.t.alerts
  const action = `/alerts/told/${via}`
  const draft = draftOf(view, action)
  return (
    <Panel id={`add-${via}`} title={via === 'webhook' ? t.told.addWebhook : t.told.addMail}>
      <div class="panel-body">
        <WriteForm view={view} action={action}>
          {via === 'webhook' ? (
            <>
              <TextEntry
                draft={draft}
                name="url"
                label={t.told.url}
                required
                maxlength={2_000}
                placeholder="https://ops.example.org/concord"
              />
              <TextEntry draft={draft} name="name" label={t.told.name} maxlength={100} />
            </>
          ) : (
            <>
              <TextEntry draft={draft} name="email" label={t.told.email} required maxlength={254} placeholder="ana@example.org" />
              <ChoiceEntry
                draft={draft}
                name="language"
                label={t.told.language}
                value={view.language}
                options={Object.entries(languageNames).map(([value, word]) => ({ value, word }))}
              />
            </>
          )}
          <ChoiceEntry
            draft={draft}
            name="kind"
            label={t.told.kinds}
            none={t.told.allKinds}
            options={[...alertKinds.map(kind => ({ value: kind, word: t.kinds[kind] })), ...(via === 'webhook' ? noticeChoices(view) : [])]}
          />
          {via === 'webhook' ? (
            <label class="check">
              <input type="checkbox" name="tellsBuyers" value="yes" checked={draft.typed('tellsBuyers') === 'yes'} />
              <span>{view.t.notices.tellsBuyers}</span>
            </label>
          ) : null}
          <button type="submit" class="main">
            {t.told.add}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}

/** Notices to buyers, all of them or one, for a webhook of whoever sends telephone messages. */
function noticeChoices(view: View) {
  const t = view.t.notices
  return [
    { value: ALL_NOTICES, word: t.allNotices },
    ...NOTICE_KINDS.map(kind => ({ value: `order.${kind}`, word: `${t.title}: ${t.kinds[kind]}` })),
  ]
}
