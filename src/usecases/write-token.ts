import { Fault } from '../values/fault.ts'

/**
 * What a write of stock answers beside its result: the name of its transaction. A read that passes it on (`atLeast`) is never older than
 * that write, on whichever node. A token means something only to the database that gave it.
 */
export type WriteToken = string

/** The transaction that a token names. Fault: invalid. */
export function transactionOf(token: WriteToken): bigint {
  if (!/^[1-9]\d{0,18}$/.test(token))
    throw new Fault('invalid', `atLeast ${JSON.stringify(token.slice(0, 40))} is no token of a write.`, {
      field: 'atLeast',
      expected: 'what a write answered in its header Concord-Token',
    })
  return BigInt(token)
}

/** The refusal of a token that no write of this database bears. */
export function unknownToken(token: bigint): Fault {
  return new Fault('invalid', `No write of this database has the token ${token}.`, {
    field: 'atLeast',
    value: token.toString(),
    expected: 'what a write to this database answered in its header Concord-Token; after a restore, the tokens of before are void',
  })
}
