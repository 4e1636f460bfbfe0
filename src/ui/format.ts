import type { Language } from '../usecases/principal.ts'
import { unitPrice } from '../values/money.ts'

/** A whole number with the language's separators. */
export function number(value: number, language: Language): string {
  return value.toLocaleString(language)
}

/** A change of a bucket with its sign; nothing where nothing changed. */
export function signed(value: number, language: Language): string {
  if (value === 0) return ''
  return value > 0 ? `+${number(value, language)}` : `−${number(-value, language)}`
}

/** Words one after the other, with the comma of the language. */
export function listed(words: readonly string[], language: Language): string {
  return words.join(language === 'zh-CN' ? '、' : ', ')
}

/** A price or an amount as `EUR 12.90`: the code, because a sign like $ or ¥ would mean several currencies. */
export function money(amount: string | null, currency: string): string {
  return amount === null ? '–' : `${currency} ${unitPrice(amount, currency)}`
}

/** `2026-11-22 13:34`, in UTC: the server does not know the reader's zone; the browser shows its own. */
export function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ')
}

/** `2026-11-22 13:34:13`, in UTC. */
export function second(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ')
}

/** An actor as people read it: `ana@example.org`, `key ck_…`, `amazon-de`. */
export function actorName(actor: string, system: string): string {
  if (actor === 'system') return system
  return actor.replace(/^(user|channel):/, '').replace(/^key:/, 'key ')
}

/** A stock or price document as one short text. */
export function documentText(
  value: Readonly<Record<string, unknown>> | null,
  language: Language,
  sale: (amount: string) => string,
): string {
  if (value === null) return '–'
  if (typeof value.quantity === 'number') return number(value.quantity, language)
  if (typeof value.regular !== 'string' || typeof value.currency !== 'string') return '–'
  const regular = money(value.regular, value.currency)
  const period = value.sale
  if (typeof period !== 'object' || period === null || !('amount' in period) || typeof period.amount !== 'string') return regular
  return `${regular} · ${sale(unitPrice(period.amount, value.currency))}${periodText(period)}`
}

/** ` (2030-06-01 00:00 – 2030-06-08 00:00 UTC)`; an end that nobody named is left open. */
function periodText(period: object): string {
  const { from, to } = period as { readonly from?: unknown; readonly to?: unknown }
  const [begins, ends] = [from, to].map(at => (typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? minute(new Date(at)) : ''))
  return begins === '' && ends === '' ? '' : ` (${`${begins} – ${ends}`.trim()} UTC)`
}
