import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whether bytes were signed with a secret by HMAC-SHA256. Compares in constant time, so that a forger learns nothing from how long a refusal takes. Nobody signs with an empty secret. */
export function isHmacOf(secret: string, body: Uint8Array, signature: Uint8Array): boolean {
  const own = createHmac('sha256', secret).update(body).digest()
  return secret !== '' && signature.length === own.length && timingSafeEqual(own, signature)
}
