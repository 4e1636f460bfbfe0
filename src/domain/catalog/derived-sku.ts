const LENGTH_MAX = 64

/**
 * A SKU for a variant whose file has none, from its product's handle and its option values. The same input always gives the same pair:
 * `plain` is readable (`CLAY-PLANT-POT-LARGE`), `marked` carries a mark of the exact input and is taken where two variants share the plain
 * one ("A B" and "A-B" do). Plain is marked already where it had to be cut.
 */
export function deriveSku(handle: string, options: Readonly<Record<string, string>>): { readonly plain: string; readonly marked: string } {
  const values = Object.values(options)
  const words = [handle, ...values].map(slug).filter(word => word !== '')
  const whole = words.join('-') || 'ITEM'
  const mark = fingerprint([handle, ...Object.entries(options).flat()].join('\u0000'))
  const marked = `${whole.slice(0, LENGTH_MAX - mark.length - 1).replace(/-$/, '')}-${mark}`
  return { plain: whole.length > LENGTH_MAX || words.length === 0 ? marked : whole, marked }
}

/** Letters and digits of any script in capitals, without accents; everything else is a hyphen. */
function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

/** FNV-1a over UTF-16 units, 32 bits, 7 characters: it tells a handful of namesakes apart; it keeps no secret. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash.toString(36).toUpperCase().padStart(7, '0')
}
