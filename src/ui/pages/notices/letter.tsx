import { raw } from 'hono/html'
import type { NoticeKind } from '../../../domain/notices/kinds.ts'
import type { NoticeLetter } from '../../../domain/notices/letter.ts'
import { LISTS, TEXTS } from '../../../domain/notices/template.ts'
import type { Language } from '../../../usecases/principal.ts'
import { Field, WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'
import { languageNames } from '../../words.ts'

/** A letter that is being written: what stands in the form, what is wrong with it, and how it would look. */
export type Draft = {
  readonly channel: string | null
  readonly kind: NoticeKind
  readonly language: Language
  readonly subject: string
  readonly body: string
  readonly order: string
  readonly trouble: string | null
  readonly letter: NoticeLetter | null
}

/** The words of a letter, with a preview of it. */
export function LetterPage({ view, draft }: { view: View; draft: Draft }) {
  const t = view.t.notices
  const title = t.letter(t.kinds[draft.kind])
  const names = [
    ...TEXTS.map(name => `{{${name}}}`),
    ...Object.entries(LISTS).map(([list, fields]) => `{{#${list}}} (${fields.join(', ')})`),
  ]
  const query = draft.channel === null ? '' : `?channel=${draft.channel}`
  return (
    <Layout view={view} title={title}>
      <div class="page-head">
        <h1>{title}</h1>
        <p class="lead">
          <a href="/orders/notices">{t.title}</a> · {draft.channel ?? t.all} ·{' '}
          {(Object.entries(languageNames) as [Language, string][]).map(([code, name]) => (
            <>
              <a
                href={`/orders/notices/letters/${draft.kind}/${code}${query}`}
                lang={code}
                aria-current={code === draft.language ? 'true' : undefined}
              >
                {name}
              </a>{' '}
            </>
          ))}
        </p>
      </div>
      <div class="columns">
        <Panel id="words" title={t.body}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/notices/letters/${draft.kind}/${draft.language}${query}`} isWholePage>
              {draft.trouble === null ? null : (
                <p class="field-wrong" role="alert">
                  {draft.trouble}
                </p>
              )}
              <Field label={t.subject}>
                <input type="text" name="subject" value={draft.subject} maxlength={200} required lang={draft.language} />
              </Field>
              <Field label={t.body} hint={t.bodyHint(names.join(', '))}>
                <textarea name="body" rows={18} required lang={draft.language}>
                  {draft.body}
                </textarea>
              </Field>
              {may(view, 'orders:people') ? (
                <Field label={t.order} hint={t.orderHint}>
                  <input type="text" name="order" value={draft.order} inputmode="numeric" pattern="[1-9][0-9]{0,14}" />
                </Field>
              ) : null}
              <div class="form-row">
                <button type="submit" name="do" value="preview">
                  {t.preview}
                </button>
                {may(view, 'channels:write') ? (
                  <>
                    <button type="submit" name="do" value="save" class="main">
                      {t.save}
                    </button>
                    <button type="submit" name="do" value="sample" formnovalidate>
                      {t.sample}
                    </button>
                    <button type="submit" name="do" value="usual" class="plain" formnovalidate>
                      {t.usual}
                    </button>
                  </>
                ) : null}
              </div>
            </WriteForm>
          </div>
        </Panel>
        {draft.letter === null ? null : (
          <Panel id="preview" title={t.preview}>
            <div class="panel-body letter" lang={draft.language}>
              <p>
                <b>{draft.letter.subject}</b>
              </p>
              {/* Made by us of escaped values and five tags (src/domain/notices/letter.ts). */}
              <div class="letter-page">{raw(bodyOf(draft.letter.html))}</div>
              <pre>{draft.letter.text}</pre>
            </div>
          </Panel>
        )}
      </div>
    </Layout>
  )
}

const bodyOf = (html: string): string => /<body[^>]*>([\s\S]*)<\/body>/.exec(html)?.[1] ?? ''
