/** A postal code as it is compared: capitals and digits only (`sw1a 1aa` is SW1A1AA); null where nothing of that is left. */
export function plainPostalCode(text: string): string | null {
  const plain = text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return plain === '' || plain.length > 12 ? null : plain
}
