import type { Sample } from '../../../../db/imports.ts'
import type { ImportStanding } from '../../../usecases/read-import.ts'
import { number } from '../../format.ts'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import type { View } from '../../view.ts'
import { ImportPage, noted } from './one.tsx'

/** One stock file. */
export function StockImportPage({ view, found }: { view: View; found: ImportStanding }) {
  const t = view.t.imports
  const count = (name: string): string => number(noted(found, name), view.language)
  const samples = (found.summary.samples ?? {}) as { readonly new?: readonly Sample[]; readonly changed?: readonly Sample[] }
  return (
    <ImportPage
      view={view}
      room="stock"
      found={found}
      facts={
        found.state === 'refused'
          ? [[t.wrongRows, count('errors')]]
          : [
              [t.changed, count('changed')],
              [t.fresh, count('new')],
              [t.unchanged, count('unchanged')],
              [t.overtaken, count('overtaken')],
            ]
      }
    >
      <Samples view={view} id="samples-changed" title={t.changedSamples} samples={samples.changed ?? []} />
      <Samples view={view} id="samples-new" title={t.freshSamples} samples={samples.new ?? []} />
    </ImportPage>
  )
}

function Samples({ view, id, title, samples }: { view: View; id: string; title: string; samples: readonly Sample[] }) {
  const t = view.t.imports
  if (samples.length === 0) return null
  return (
    <Panel id={id} title={title} aside={t.firstRows(samples.length)}>
      <Rows
        label={title}
        rows={samples}
        empty={title}
        columns={[
          { head: t.row, look: 'num', cell: sample => number(sample.row, view.language) },
          {
            head: view.t.sku.columns.sku,
            names: true,
            cell: sample => (
              <a class="sku" href={`/skus/${encodeURIComponent(sample.sku)}`}>
                {sample.sku}
              </a>
            ),
          },
          { head: view.t.sku.stock.location, cell: sample => sample.location ?? '' },
          { head: t.before, look: 'num', cell: sample => unitsOf(view, sample.from) },
          { head: t.after, look: 'num strong', cell: sample => unitsOf(view, sample.to) },
        ]}
      />
    </Panel>
  )
}

function unitsOf(view: View, values: Readonly<Record<string, unknown>> | null): string {
  const units = Object.values(values ?? {}).find(value => typeof value === 'number')
  return typeof units === 'number' ? number(units, view.language) : '–'
}
