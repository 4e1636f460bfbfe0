import type { AccountCheck } from '../../../../connectors/contract.ts'
import type { AccountForm } from '../../../values/connecting.ts'
import type { PlatformFacts } from '../../deps.ts'
import { type Draft, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { ChannelFields, CredentialFields, SettingFields } from './fields.tsx'
import { FindingsPanel } from './findings.tsx'

/** A form as it was sent: what stands in it, what is wrong with which field, and what the platform said. */
export type Sent = {
  readonly fields: Readonly<Record<string, string>>
  readonly wrong: ReadonlyMap<string, string>
  readonly check: AccountCheck | null
  /** Credentials that were typed before: their fields, and they themselves, sealed. */
  readonly kept: { readonly names: ReadonlySet<string>; readonly sealed: string }
}

export const NOTHING_SENT: Sent = { fields: {}, wrong: new Map(), check: null, kept: { names: new Set(), sealed: '' } }

/** A draft of what was sent: unlike a message's, several of its fields may be wrong. */
export function sentDraft(view: View, sent: Sent): Draft {
  const isSent = Object.keys(sent.fields).length > 0
  const [first] = sent.wrong.keys()
  return {
    view,
    typed: (name, otherwise = '') => (isSent ? (sent.fields[name] ?? '') : otherwise),
    focus: (name, isFirst) => (first === undefined ? isFirst : name === first),
    wrong: name => sent.wrong.get(name) ?? null,
  }
}

type Given = {
  readonly view: View
  readonly platform: string
  readonly facts: PlatformFacts
  readonly form: AccountForm
  readonly sent: Sent
}

/** Connects an account of a platform: what to do there, its settings, credentials and channels. */
export function ConnectPage({ view, platform, facts, form, sent }: Given) {
  const t = view.t.connect
  const draft = sentDraft(view, sent)
  return (
    <Layout view={view} title={t.connectTo(facts.title)}>
      <div class="page-head">
        <h1>{t.connectTo(facts.title)}</h1>
        <a href="/connect">{t.otherPlatform}</a>
      </div>
      <WrongBox view={view} sent={sent} />
      {sent.check === null ? null : <FindingsPanel view={view} check={sent.check} />}
      <div class="columns connect">
        <WriteForm view={view} action={`/connect/${platform}`} class="connect-form" isWholePage>
          <input type="hidden" name="kept" value={sent.kept.sealed} />
          <Panel id="account" title={t.account}>
            <div class="panel-body">
              <div class="connect-fields">
                <TextEntry
                  draft={draft}
                  name="name"
                  label={t.name}
                  hint={t.nameHint}
                  placeholder={`my-${platform}`}
                  required
                  maxlength={40}
                  autofocus
                />
              </div>
              <SettingFields draft={draft} form={form} />
            </div>
          </Panel>
          <Panel id="credentials" title={t.credentials}>
            <p class="panel-note">{t.credentialsHint}</p>
            <div class="panel-body">
              <CredentialFields draft={draft} form={form} fields={sent.fields} kept={sent.kept.names} />
            </div>
          </Panel>
          <Panel id="channels" title={t.channels}>
            <p class="panel-note">{t.channelsHint}</p>
            <div class="panel-body">
              <ChannelFields draft={draft} form={form} fields={sent.fields} action={`/connect/${platform}`} />
            </div>
          </Panel>
          <SubmitRow view={view} title={facts.title} word={t.submit} sent={sent} />
        </WriteForm>
        <StepsPanel view={view} title={facts.title} form={form} />
      </div>
    </Layout>
  )
}

/** Says that some fields are wrong; what, stands beside each. */
export function WrongBox({ view, sent }: { view: View; sent: Sent }) {
  if (sent.wrong.size === 0 || sent.check !== null) return null
  return (
    <div class="flash tone-bad" role="alert">
      <p>{view.t.connect.wrong}</p>
    </div>
  )
}

/** The button; after a check that found something, also the choice to go on all the same. */
export function SubmitRow({
  view,
  title,
  word,
  sent,
  anyway = [view.t.connect.anyway, view.t.connect.anywayHint],
}: {
  view: View
  title: string
  word: string
  sent: Sent
  anyway?: readonly [word: string, hint: string]
}) {
  const t = view.t.connect
  return (
    <div class="connect-submit">
      {sent.check === null ? null : (
        <label class="check">
          <input type="checkbox" name="anyway" value="yes" />
          <span>
            {anyway[0]}
            <span class="sub">{anyway[1]}</span>
          </span>
        </label>
      )}
      <button type="submit" class="main">
        {word}
      </button>
      <span class="quiet">{t.checks(title)}</span>
    </div>
  )
}

/** What is done at the platform first, and what the keys must be allowed. */
export function StepsPanel({ view, title, form }: { view: View; title: string; form: AccountForm }) {
  const t = view.t.connect
  if (form.steps.length === 0) return null
  return (
    <Panel id="first" title={t.first(title)}>
      <ol class="steps">
        {form.steps.map(step => (
          <li>{step[view.language]}</li>
        ))}
      </ol>
      {form.scopes.length === 0 ? null : (
        <>
          <p class="panel-note">{t.scopes}</p>
          <ul class="scopes" translate="no">
            {form.scopes.map(scope => (
              <li>
                <code>{scope}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}
