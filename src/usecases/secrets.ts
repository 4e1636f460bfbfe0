import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A random token of 256 bits, safe in addresses and cookies. */
export const newToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** SHA-256 in hex: what is stored of a token. Tokens are random, so that a slow hash would add nothing. */
export const tokenHash = (token: string): string => hash('sha256', token, 'hex')

/** Compares in constant time; texts of different length differ, which tells nothing that is secret. */
export function sameSecret(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
