import { Fault } from '../../values/fault.ts'
import type { Words } from '../words.ts'
import { refusal } from './given.ts'

/** The channel that something was to be sent to, as its page knows it. */
type Head = { readonly name: string; readonly paused: boolean; readonly accountState: string }

/** Says in the person's language that nothing can be sent, as the channel is paused or only observed. Rethrows everything else. */
export function refuseToSend(t: Words['publishing']['force'], { name, paused, accountState }: Head): (error: unknown) => never {
  return error => {
    if (!(error instanceof Fault) || error.code !== 'conflict' || error.detail.field !== 'channel') throw error
    throw refusal(paused || accountState === 'paused' ? t.paused(name) : t.off(name), 'channel')
  }
}
