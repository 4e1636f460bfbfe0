import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import { ChoiceEntry, TextEntry } from '../../parts/entry.tsx'
import type { View } from '../../view.ts'
import { Tick, UploadForm } from './fields.tsx'

/** Sends a stock file: what its numbers mean, where and when they were true. */
export function StockUpload({ view, places }: { view: View; places: readonly PlaceChoice[] }) {
  const t = view.t.imports
  return (
    <UploadForm view={view} room="stock" more={draft => <Tick draft={draft} name="again" word={t.again} />}>
      {draft => (
        <>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="mode"
              label={t.mode}
              value="absolute"
              options={(['absolute', 'delta'] as const).map(mode => ({ value: mode, word: t.modes[mode] }))}
            />
            <ChoiceEntry
              draft={draft}
              name="basis"
              label={t.basis}
              value="on_hand"
              options={(['on_hand', 'available'] as const).map(basis => ({ value: basis, word: t.bases[basis] }))}
            />
          </div>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="location"
              label={t.location}
              none={t.inFile}
              options={places.map(place => ({ value: place.code, word: place.name }))}
            />
            <TextEntry draft={draft} name="occurredAt" label={t.occurredAt} type="datetime-local" hint={t.occurredHint} />
          </div>
        </>
      )}
    </UploadForm>
  )
}
