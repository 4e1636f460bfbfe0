import type { ChannelNotices, TemplateRow } from '../../../../db/buyer-notices.ts'
import { NOTICE_KINDS } from '../../../domain/notices/kinds.ts'
import type { Language } from '../../../usecases/principal.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { OrderTabs } from '../../parts/order-tabs.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { may, type View } from '../../view.ts'
import { languageNames } from '../../words.ts'

type Given = { readonly view: View; readonly channels: readonly ChannelNotices[]; readonly templates: readonly TemplateRow[] }

const languages = Object.entries(languageNames) as [Language, string][]

/** What each channel tells its buyers, and the letters. */
export function NoticesPage({ view, channels, templates }: Given) {
  const t = view.t.notices
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="notices" />
      {channels.map(channel => (
        <ChannelPanel view={view} channel={channel} />
      ))}
      <Panel id="letters" title={t.letters}>
        <p class="panel-note">{t.lettersLead}</p>
        <Rows
          label={t.letters}
          rows={NOTICE_KINDS}
          id={kind => `letter-${kind}`}
          empty=""
          columns={[
            { head: t.letters, names: true, cell: kind => t.kinds[kind] },
            ...languages.map(([language, name]) => ({
              head: name,
              cell: (kind: (typeof NOTICE_KINDS)[number]) => {
                const isOwn = templates.some(row => row.kind === kind && row.language === language && row.channel === null)
                return <a href={`/orders/notices/letters/${kind}/${language}`}>{isOwn ? t.own : t.ours}</a>
              },
            })),
          ]}
        />
      </Panel>
    </Layout>
  )
}

function ChannelPanel({ view, channel }: { view: View; channel: ChannelNotices }) {
  const t = view.t.notices
  const action = `/orders/notices/channels/${channel.channel}`
  const draft = draftOf(view, action)
  const isTyped = view.typed !== null && view.typed.action === action
  if (channel.platformTells)
    return (
      <Panel id={`channel-${channel.channel}`} title={channel.channelName}>
        <p class="panel-body">{t.platformTells}</p>
      </Panel>
    )
  return (
    <Panel id={`channel-${channel.channel}`} title={channel.channelName}>
      <div class="panel-body">
        <WriteForm view={view} action={action}>
          <fieldset class="notice-kinds" disabled={!may(view, 'channels:write')}>
            <legend>{t.told}</legend>
            {NOTICE_KINDS.map(kind => {
              const isOn = isTyped ? draft.typed(kind) === 'yes' : channel.kinds.includes(kind)
              return (
                <label class="check">
                  <input type="checkbox" name={kind} value="yes" checked={isOn} />
                  <span>
                    {t.kinds[kind]}{' '}
                    <a
                      href={`/orders/notices/letters/${kind}/${view.language}?channel=${channel.channel}`}
                      aria-label={t.letter(t.kinds[kind])}
                    >
                      ✎
                    </a>
                  </span>
                </label>
              )
            })}
          </fieldset>
          <div class="form-row top">
            <label class="check">
              <input type="checkbox" name="byEmail" value="yes" checked={isTyped ? draft.typed('byEmail') === 'yes' : channel.byEmail} />
              <span>{t.byEmail}</span>
            </label>
            <TextEntry
              draft={draft}
              name="senderName"
              label={t.sender}
              value={channel.senderName ?? ''}
              maxlength={80}
              hint={t.senderHint(channel.channelName)}
            />
            <TextEntry draft={draft} name="replyTo" label={t.replyTo} type="email" value={channel.replyTo ?? ''} maxlength={254} />
            <ChoiceEntry
              draft={draft}
              name="language"
              label={t.language}
              hint={t.languageHint}
              value={channel.language ?? ''}
              none={t.byLocale(channel.locale)}
              options={languages.map(([value, word]) => ({ value, word }))}
            />
          </div>
          {may(view, 'channels:write') ? (
            <div class="form-row">
              <button type="submit" class="main">
                {t.save}
              </button>
            </div>
          ) : null}
        </WriteForm>
      </div>
    </Panel>
  )
}
