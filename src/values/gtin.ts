/** The GS1 check digit of the data digits (weights 3,1,3,1 from the right). Source: GS1 General Specifications 7.9. */
export function checkDigit(dataDigits: string): number {
  let sum = 0
  for (let i = 0; i < dataDigits.length; i++) {
    const digit = dataDigits.charCodeAt(dataDigits.length - 1 - i) - 48
    sum += i % 2 === 0 ? digit * 3 : digit
  }
  return (10 - (sum % 10)) % 10
}

export type GtinVerdict = { readonly gtin: string } | { readonly wrong: string }

/**
 * Reads a GTIN-8, -12, -13 or -14 and answers its 14-digit form (left-padded with zeros), or what is wrong with it and what
 * would be right. Spaces and hyphens are allowed between digits.
 */
export function readGtin(text: string): GtinVerdict {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d+$/.test(digits)) return { wrong: 'a GTIN has digits only' }
  if (![8, 12, 13, 14].includes(digits.length)) return { wrong: `a GTIN has 8, 12, 13 or 14 digits, this has ${digits.length}` }
  const expected = checkDigit(digits.slice(0, -1))
  if (expected !== Number(digits.at(-1))) return { wrong: `the check digit should be ${expected}` }
  return { gtin: digits.padStart(14, '0') }
}
