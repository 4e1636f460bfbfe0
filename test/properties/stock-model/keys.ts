import type { Answer, State } from './state.ts'

/** What makes a repeated command the same: its kind and its body. */
export type Keyed = { readonly scope: string; readonly key: string; readonly kind: string; readonly hash: string }

/** The stored answer of a key, or a conflict where it was used for something else; null where the command is new. */
export function claim(state: State, cmd: Keyed): Answer | null {
  const known = state.keys.get(`${cmd.scope} ${cmd.key}`)
  if (!known) return null
  return known.body === bodyOf(cmd) ? { ...known.answer, replayed: true } : { outcome: 'key_conflict' }
}

/** Keeps an answer that is final. */
export function keep(state: State, cmd: Keyed, answer: Answer): Answer {
  state.keys.set(`${cmd.scope} ${cmd.key}`, { body: bodyOf(cmd), answer })
  return answer
}

const bodyOf = (cmd: Keyed): string => `${cmd.kind} ${cmd.hash}`
