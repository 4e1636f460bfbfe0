/** Our own identifier of a thing we stock: 1 to 64 visible characters, no spaces at its ends, no control characters. Compared exactly. */
export function isSku(text: string): boolean {
  return text.length >= 1 && text.length <= 64 && text === text.trim() && !/\p{Cc}/u.test(text) && text === text.normalize('NFC')
}
