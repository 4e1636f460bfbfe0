import type { WithMoved } from '../usecases/moved-prices.ts'
import { valueText } from './value-text.ts'

/** What a command does in each channel: prices that move, and those that are held, with examples. */
export function movedLines({ channels }: WithMoved, isChanged: boolean): string[] {
  if (channels === null) return ['It speaks of more prices than can be looked through; watch "concord price resolve" and the channels.']
  if (channels.length === 0) return isChanged ? ['No price that is shown moves by it.'] : []
  return channels.flatMap(({ channel, listings, moved, guarded, held, examples }) => [
    `  ${channel}: of ${listings} listings ${moved} prices move${guarded === 0 ? '' : ` (${guarded} of them held by the guard)`}, ${held} are held, as nothing may be shown`,
    ...examples.map(one => `    ${one.sku}  ${valueText(one.before)} → ${one.words ?? valueText(one.after)}`),
  ])
}
