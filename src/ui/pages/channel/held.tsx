import type { QuarantineRow } from '../../../../db/guard.ts'
import { number } from '../../format.ts'
import { Icon } from '../../parts/icon.tsx'
import type { View } from '../../view.ts'
import { whyText } from '../held/why.ts'

/** What the guard holds back of a channel, and where to decide on it. */
export function HeldHere({ view, held }: { view: View; held: readonly QuarantineRow[] }) {
  const t = view.t.held
  if (held.length === 0) return null
  return (
    <div class="flash tone-bad" role="alert">
      <Icon name="pause" />
      <div>
        <strong>{t.open(number(held.length, view.language))}</strong>
        {held.map(row => (
          <p>
            {t.fields[row.field]}: {whyText(view, row.why)} · <a href={`/held/${row.id}`}>{t.see}</a>
          </p>
        ))}
      </div>
    </div>
  )
}
