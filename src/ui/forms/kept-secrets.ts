import { type Keyring, seal, unsealText } from '../../values/sealed.ts'

/** How long a refused form may lie open, ms. */
const KEPT_MS = 30 * 60_000
const PURPOSE = 'typed-credentials'
/** More than the keys of any platform. */
const TEXT_MOST = 40_000

/** For whom, and for which form: it opens nowhere else. */
type Whose = { readonly actor: string; readonly form: string; readonly now: Date }

/** Credentials of a refused form, sealed, for the page to carry: nobody has to type them again, and nobody can read them. */
export async function keepSecrets(keyring: Keyring, whose: Whose, secrets: Readonly<Record<string, string>>): Promise<string> {
  const { actor, form, now } = whose
  const sealed = await seal(keyring, PURPOSE, JSON.stringify({ actor, form, until: now.getTime() + KEPT_MS, secrets }))
  return Buffer.from(sealed).toString('base64url')
}

/** What `keepSecrets` sealed for the same person and form, less than half an hour ago; else nothing. */
export async function keptSecrets(keyring: Keyring, whose: Whose, text: string): Promise<Readonly<Record<string, string>>> {
  if (text === '' || text.length > TEXT_MOST) return {}
  const plain = await unsealText(keyring, PURPOSE, Buffer.from(text, 'base64url')).catch(() => null)
  // Sealed with a key that is gone, or by somebody who guesses: then it is typed again.
  if (plain === null) return {}
  const kept = JSON.parse(plain) as Pick<Whose, 'actor' | 'form'> & { until: number; secrets: Record<string, string> }
  return kept.actor === whose.actor && kept.form === whose.form && kept.until > whose.now.getTime() ? kept.secrets : {}
}
