import type { AccountForm, FormField } from '../../../values/connecting.ts'
import { channelName, credentialName, rowsOf, settingName, wayOf } from '../../forms/account-given.ts'
import { ChoiceEntry, type Draft, SecretEntry, TextEntry } from '../../parts/entry.tsx'

type Part = { readonly draft: Draft; readonly form: AccountForm; readonly fields: Readonly<Record<string, string>> }

/** The settings of an account; those that few need are folded away, unless there is something in them. */
export function SettingFields({ draft, form, values }: Omit<Part, 'fields'> & { readonly values?: Readonly<Record<string, string>> }) {
  const { t } = draft.view
  const seldom = form.settings.filter(field => field.isSeldom === true)
  const entry = (field: FormField) => (
    <Entry
      draft={draft}
      field={field}
      name={settingName(field.name)}
      value={values?.[field.name] ?? (values === undefined ? field.given : '')}
    />
  )
  const isOpen = seldom.some(field => draft.wrong(settingName(field.name)) !== null)
  return (
    <>
      <div class="connect-fields">{form.settings.filter(field => field.isSeldom !== true).map(entry)}</div>
      {seldom.length === 0 ? null : (
        <details open={isOpen}>
          <summary>{t.connect.seldom}</summary>
          <div class="connect-fields">{seldom.map(entry)}</div>
        </details>
      )}
    </>
  )
}

/** The credentials, by the way that is chosen where there are several. `kept`: what was typed before and is sealed in the page. */
export function CredentialFields({ draft, form, fields, kept }: Part & { readonly kept: ReadonlySet<string> }) {
  const { view } = draft
  const t = view.t.connect
  const chosen = wayOf(form, fields)
  const inputs = (way: number, all: readonly FormField[]) =>
    all.map(field => {
      const name = credentialName(way, field.name)
      // Of several ways only the chosen one's fields must be filled in, which is known when the form is sent.
      const isRequired = field.isRequired && form.ways.length === 1 && !kept.has(name)
      return <Entry draft={draft} field={{ ...field, isRequired }} name={name} isCredential isKept={kept.has(name)} />
    })
  const [only] = form.ways
  if (form.ways.length === 1 && only !== undefined) {
    const [usual, seldom] = [only.fields.filter(field => field.isSeldom !== true), only.fields.filter(field => field.isSeldom === true)]
    return (
      <>
        <div class="connect-fields">{inputs(0, usual)}</div>
        {seldom.length === 0 ? null : (
          <details>
            <summary>{t.seldom}</summary>
            <div class="connect-fields">{inputs(0, seldom)}</div>
          </details>
        )}
      </>
    )
  }
  return (
    <div class="ways" role="radiogroup" aria-label={t.way}>
      {form.ways.map((way, at) => (
        <div class="way">
          <label class="way-choice">
            <input type="radio" name="way" value={String(at)} checked={at === chosen} />
            <span>{way.label?.[view.language] ?? way.fields.map(field => field.label[view.language]).join(', ')}</span>
          </label>
          <div class="connect-fields">{inputs(at, way.fields)}</div>
        </div>
      ))}
    </div>
  )
}

/** A row for each channel of the account. */
export function ChannelFields({ draft, form, fields, action }: Part & { readonly action: string }) {
  const { view } = draft
  const t = view.t.connect
  const rows = Array.from({ length: rowsOf(fields) }, (_, row) => row)
  return (
    <>
      {rows.map(row => (
        <fieldset class="connect-channel">
          {form.channel === undefined ? null : <legend>{t.channel(row + 1)}</legend>}
          <div class="connect-fields">
            <TextEntry
              draft={draft}
              name={channelName(row, 'name')}
              label={t.title}
              maxlength={200}
              placeholder={row === 0 ? t.titleExample : undefined}
            />
            <TextEntry
              draft={draft}
              name={channelName(row, 'code')}
              label={t.code}
              maxlength={40}
              hint={row === 0 ? t.codeHint : undefined}
            />
            {form.channel === undefined ? null : (
              <TextEntry
                draft={draft}
                name={channelName(row, 'ref')}
                label={form.channel.label[view.language]}
                hint={form.channel.where[view.language]}
                placeholder={form.channel.example}
                required={row === 0}
                maxlength={100}
                list={form.channel.known === undefined ? undefined : 'known-refs'}
              />
            )}
            <TextEntry
              draft={draft}
              name={channelName(row, 'currency')}
              label={t.currency}
              required={row === 0}
              maxlength={3}
              placeholder="EUR"
            />
            <TextEntry
              draft={draft}
              name={channelName(row, 'zone')}
              label={t.zone}
              maxlength={60}
              placeholder="Europe/Berlin"
              list="zones"
            />
            <ChoiceEntry
              draft={draft}
              name={channelName(row, 'taxMode')}
              label={t.tax}
              value="inclusive"
              options={(['inclusive', 'exclusive'] as const).map(value => ({ value, word: t.taxes[value] }))}
            />
          </div>
        </fieldset>
      ))}
      <input type="hidden" name="rows" value={String(rows.length)} />
      {form.channel === undefined ? null : (
        <button type="submit" class="small" name="more" value="yes" formaction={`${action}#channels`} formnovalidate>
          {t.another}
        </button>
      )}
      {form.channel?.known === undefined ? null : (
        <datalist id="known-refs">
          {form.channel.known.map(({ ref, name }) => (
            <option value={ref}>{name}</option>
          ))}
        </datalist>
      )}
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map(zone => (
          <option value={zone} />
        ))}
      </datalist>
    </>
  )
}

type EntryGiven = {
  readonly draft: Draft
  readonly field: FormField
  readonly name: string
  readonly value?: string | undefined
  readonly isCredential?: boolean
  readonly isKept?: boolean
}

function Entry({ draft, field, name, value = '', isCredential = false, isKept = false }: EntryGiven) {
  const { t, language } = draft.view
  const label = field.label[language]
  const hint = [field.where?.[language], isKept ? t.connect.kept : undefined].filter(Boolean).join(' · ')
  const framed = { draft, name, label, ...(hint === '' ? {} : { hint }), required: field.isRequired }
  if (isCredential && field.isName !== true) return <SecretEntry {...framed} />
  if (field.kind === 'choice')
    return (
      <ChoiceEntry
        {...framed}
        none={t.connect.usual}
        value={value}
        options={[
          { value: 'yes', word: t.connect.yes },
          { value: 'no', word: t.connect.no },
        ]}
      />
    )
  const list = field.usual === undefined ? undefined : `usual-${field.name}`
  const type = field.kind === 'url' || field.kind === 'email' ? field.kind : field.kind === 'instant' ? 'datetime-local' : 'text'
  return (
    <>
      <TextEntry {...framed} type={type} value={value} placeholder={field.example} list={list} />
      {field.usual === undefined ? null : (
        <datalist id={list}>
          {field.usual.map(one => (
            <option value={one} />
          ))}
        </datalist>
      )}
    </>
  )
}
