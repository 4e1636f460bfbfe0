import type { Child } from 'hono/jsx'
import type { View } from '../view.ts'

/** A form as it was sent and refused, or as it is at first. */
export type Draft = {
  readonly view: View
  /** What stands in the field: what was typed, where the form was refused. */
  readonly typed: (name: string, otherwise?: string) => string
  /** Whether the keyboard begins here: at the field that was refused, else where the form begins. */
  readonly focus: (name: string, isFirst?: boolean) => boolean | undefined
  /** Why the field was refused. */
  readonly wrong: (name: string) => string | null
}

/** The draft of the form that goes to this address. */
export function draftOf(view: View, action: string): Draft {
  const typed = view.typed !== null && view.typed.action === decodeURI(action) ? view.typed : null
  return {
    view,
    // What a refused form did not send was left empty, or unticked.
    typed: (name, otherwise = '') => (typed === null ? otherwise : (typed.fields[name] ?? '')),
    focus: (name, isFirst) => (typed === null || typed.field === null ? isFirst : typed.field === name),
    wrong: name => (typed?.field === name ? (view.flash?.text ?? null) : null),
  }
}

type Framed = {
  readonly draft: Draft
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
  readonly class?: string
}

/** A label, its control, and what was wrong with it. */
function Frame({ draft, name, label, hint, class: className, children }: Framed & { children: Child }) {
  const wrong = draft.wrong(name)
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label class={['field', className, wrong === null ? '' : 'wrong'].filter(Boolean).join(' ')}>
      <span class="field-label">{label}</span>
      {children}
      {wrong === null ? null : (
        <span class="field-wrong" role="alert">
          {wrong}
        </span>
      )}
      {hint === undefined ? null : <span class="field-hint">{hint}</span>}
    </label>
  )
}

type TextGiven = Framed & {
  readonly value?: string
  readonly type?: 'text' | 'search' | 'date' | 'datetime-local' | 'url' | 'email'
  readonly required?: boolean
  readonly maxlength?: number
  readonly placeholder?: string | undefined
  readonly autofocus?: boolean
  readonly min?: string
  /** The id of a list of what others wrote there. */
  readonly list?: string | undefined
}

/** One line of text, or a date. */
export function TextEntry({ value, type = 'text', required, maxlength, placeholder, autofocus, min, list, ...framed }: TextGiven) {
  const { draft, name } = framed
  return (
    <Frame {...framed}>
      <input
        type={type}
        name={name}
        value={draft.typed(name, value)}
        required={required}
        maxlength={maxlength}
        placeholder={placeholder}
        min={min}
        list={list}
        autofocus={draft.focus(name, autofocus)}
        autocomplete="off"
        aria-invalid={draft.wrong(name) === null ? undefined : 'true'}
      />
    </Frame>
  )
}

/** What nobody may read over a shoulder: typed blind, never shown again, not even after a refusal. */
export function SecretEntry({ required, ...framed }: Framed & { readonly required?: boolean }) {
  const { draft, name } = framed
  return (
    <Frame {...framed}>
      <input
        type="password"
        name={name}
        required={required}
        autofocus={draft.focus(name)}
        // "off" is passed over by browsers for passwords; this one keeps them from filling in the person's own.
        autocomplete="new-password"
        spellcheck={false}
        aria-invalid={draft.wrong(name) === null ? undefined : 'true'}
      />
    </Frame>
  )
}

type NumberGiven = Framed & {
  readonly value?: string
  readonly required?: boolean
  readonly kind?: 'whole' | 'signed' | 'amount'
  readonly placeholder?: string
  readonly autofocus?: boolean
}

const patterns = { whole: '[0-9]{1,7}', signed: '[+\\-−–]?[0-9]{1,7}', amount: '[0-9]{1,12}(\\.[0-9]{1,6})?' } as const

/** A number, with the keys of a number on a tablet. */
export function NumberEntry({ value, required, kind = 'whole', placeholder, autofocus, ...framed }: NumberGiven) {
  const { draft, name } = framed
  const { form } = draft.view.t
  const title = { whole: form.wholeHint, signed: form.signedHint, amount: form.amountHint }[kind]
  return (
    <Frame {...framed}>
      <input
        name={name}
        class="number"
        value={draft.typed(name, value)}
        inputmode={kind === 'amount' ? 'decimal' : 'numeric'}
        pattern={patterns[kind]}
        title={title}
        required={required}
        placeholder={placeholder}
        autofocus={draft.focus(name, autofocus)}
        autocomplete="off"
        aria-invalid={draft.wrong(name) === null ? undefined : 'true'}
      />
    </Frame>
  )
}

export type Option = { readonly value: string; readonly word: string }

/** One of several; `none`: the word for choosing nothing. */
export function ChoiceEntry({
  options,
  value,
  required,
  none,
  ...framed
}: Framed & { readonly options: readonly Option[]; readonly value?: string; readonly required?: boolean; readonly none?: string }) {
  const { draft, name } = framed
  const chosen = draft.typed(name, value)
  return (
    <Frame {...framed}>
      <select name={name} required={required} autofocus={draft.focus(name)} aria-invalid={draft.wrong(name) === null ? undefined : 'true'}>
        {none === undefined ? null : <option value="">{none}</option>}
        {options.map(option => (
          <option value={option.value} selected={option.value === chosen}>
            {option.word}
          </option>
        ))}
      </select>
    </Frame>
  )
}

/** Several lines of text. */
export function LinesEntry({
  rows,
  value,
  placeholder,
  required,
  ...framed
}: Framed & { readonly rows: number; readonly value?: string; readonly placeholder?: string; readonly required?: boolean }) {
  const { draft, name } = framed
  return (
    <Frame {...framed}>
      <textarea
        name={name}
        rows={rows}
        placeholder={placeholder}
        required={required}
        spellcheck={false}
        autofocus={draft.focus(name)}
        aria-invalid={draft.wrong(name) === null ? undefined : 'true'}
      >
        {draft.typed(name, value)}
      </textarea>
    </Frame>
  )
}
