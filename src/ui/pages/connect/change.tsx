import type { AccountForm } from '../../../values/connecting.ts'
import type { PlatformFacts } from '../../deps.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { CredentialFields, SettingFields } from './fields.tsx'
import { FindingsPanel } from './findings.tsx'
import { type Sent, StepsPanel, SubmitRow, sentDraft, WrongBox } from './form.tsx'

type Given = {
  readonly view: View
  readonly code: string
  readonly account: string
  readonly facts: PlatformFacts
  readonly form: AccountForm
  /** The settings as they are stored, as text. */
  readonly values: Readonly<Record<string, string>>
  readonly sent: Sent
}

/** Changes how an account is reached: its settings, and new credentials in place of those that are stored, which are not shown. */
export function ChangeAccountPage({ view, code, account, facts, form, values, sent }: Given) {
  const t = view.t.connect
  const draft = sentDraft(view, sent)
  const channel = `/channels/${encodeURIComponent(code)}`
  // What may stay empty here: then the stored ones stay.
  const free = { ...form, ways: form.ways.map(way => ({ ...way, fields: way.fields.map(field => ({ ...field, isRequired: false })) })) }
  return (
    <Layout view={view} title={t.changeOf(account)}>
      <div class="page-head">
        <h1>{t.changeOf(account)}</h1>
        <a href={channel}>{t.back}</a>
        <p class="lead">{t.changeHint}</p>
      </div>
      <WrongBox view={view} sent={sent} />
      {sent.check === null ? null : <FindingsPanel view={view} check={sent.check} />}
      <div class="columns connect">
        <WriteForm view={view} action={`${channel}/account`} class="connect-form" isWholePage>
          <input type="hidden" name="kept" value={sent.kept.sealed} />
          <Panel id="account" title={`${facts.title} · ${account}`}>
            <div class="panel-body">
              <SettingFields draft={draft} form={form} values={values} />
            </div>
          </Panel>
          <Panel id="credentials" title={t.credentials}>
            <p class="panel-note">
              {t.credentialsHint} {t.stays}
            </p>
            <div class="panel-body">
              <CredentialFields draft={draft} form={free} fields={sent.fields} kept={sent.kept.names} />
            </div>
          </Panel>
          <SubmitRow view={view} title={facts.title} word={t.save} sent={sent} anyway={[t.saveAnyway, t.saveAnywayHint]} />
        </WriteForm>
        <StepsPanel view={view} title={facts.title} form={form} />
      </div>
    </Layout>
  )
}
