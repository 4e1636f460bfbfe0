import type { QuarantineRow } from '../../../../db/guard.ts'
import { number } from '../../format.ts'
import type { View } from '../../view.ts'

/** Which limit an incident broke first, with the numbers of that moment. */
export function whyText({ t, language }: View, why: QuarantineRow['why']): string {
  const count = (name: string): string => number(Number(why[name] ?? 0), language)
  const text = (name: string): string => String(why[name] ?? '')
  switch (why.limit) {
    case 'dropped':
      return t.held.whys.dropped(text('percent'))
    case 'zeroed':
      return t.held.whys.zeroed(count('allowed'), count('listings'), count('windowMinutes'), count('moved'))
    default:
      return t.held.whys.changed(count('allowed'), count('listings'), count('windowMinutes'), count('moved'))
  }
}
