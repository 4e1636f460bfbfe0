import { hash, verify } from '@node-rs/argon2'
import { Fault } from '../values/fault.ts'

// OWASP's first choice for argon2id on servers: 19 MiB, two passes, one lane. argon2id is the library's default algorithm; its enum cannot be
// imported under `verbatimModuleSyntax`.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

const SHORTEST = 10
// Longer ones only make us compute.
const LONGEST = 200

/** Hashes a password for storage. Throws `invalid` when it is too short or too long. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < SHORTEST || password.length > LONGEST) {
    throw new Fault('invalid', `The password has ${password.length} characters.`, {
      field: 'password',
      expected: `${SHORTEST} to ${LONGEST} characters`,
    })
  }
  return hash(password, COST)
}

/** Hashes what has a form of its own, such as a PIN, as slowly as a password. */
export const hashSecret = (secret: string): Promise<string> => hash(secret, COST)

let nobody: Promise<string> | null = null

/** Whether the password is the one behind the hash. For an unknown user (null) it takes as long, and is false. */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  nobody ??= hash('the password of nobody', COST)
  const matches = await verify(stored ?? (await nobody), password.slice(0, LONGEST + 1))
  return matches && stored !== null
}
