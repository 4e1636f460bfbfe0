import type { QuarantineRow } from '../../../../db/guard.ts'
import type { View } from '../../view.ts'
import { whyText } from './why.ts'

type Given = { readonly reason: string | null; readonly heldBy: { readonly incident: number; readonly why: QuarantineRow['why'] } | null }

/** Why a value does not go on: what the guard says, in the reader's language; else as the platform, or whoever refused it, said it. */
export function Reason({ view, of: { reason, heldBy } }: { view: View; of: Given }) {
  if (heldBy !== null) return <span class="sub reason">{view.t.held.heldBy(String(heldBy.incident), whyText(view, heldBy.why))}</span>
  if (reason === null) return null
  return (
    <span class="sub reason" translate="no">
      {reason}
    </span>
  )
}
