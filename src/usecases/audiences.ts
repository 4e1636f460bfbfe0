import { type AudienceKind, type AudienceRow, putAudienceRow, readAudience } from '../../db/audiences.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

/** What is undefined stays as it is. */
export type AudienceStated = {
  /** What people call it; its code unless told. */
  readonly name?: string | undefined
  /** Of a channel group: all its channels. */
  readonly channels?: readonly string[] | undefined
  /** Of a partner: the code of its tier, or null for none. */
  readonly tier?: string | null | undefined
}

export type AudiencePut = { readonly audience: AudienceRow; readonly made: boolean; readonly changed: boolean }

/**
 * Makes a region, a channel group, a partner tier or a partner, or changes it. A channel that joins or leaves a group is priced anew. None is ever
 * deleted: versions of the past name them. Throws `invalid` for an unknown channel or tier.
 */
export async function putAudience(
  context: Context,
  key: string | null,
  kind: AudienceKind,
  code: string,
  said: AudienceStated,
): Promise<AudiencePut> {
  const body = { audience: kind, code, ...stated(said) }
  const answer = await carryOut(key, () => putAudienceRow(context.sql, { ...body, ...command(context, 'audience.put', key, body) }))
  switch (answer.outcome) {
    case 'done': {
      const audience = await readAudience(context.sql, kind, code)
      if (audience === null) throw new Error(`the ${kind} ${code} was put, but is not there`)
      return { audience, made: answer.made, changed: answer.changed }
    }
    case 'unknown':
      throw new Fault('invalid', `There is no ${answer.field === 'tier' ? 'partner tier' : 'channel'} ${String(answer.value)}.`, {
        field: answer.field,
        value: answer.value,
      })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
