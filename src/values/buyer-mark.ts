/**
 * What tells again who a buyer is at a platform without saying so: a hash of the account and his name there, 32 bytes. It stands beside his sealed personal data, and is
 * removed with them.
 */
export async function buyerMark(accountId: number, name: string): Promise<Uint8Array> {
  const text = `buyer of account ${accountId}: ${name.normalize('NFC').toLowerCase()}`
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
