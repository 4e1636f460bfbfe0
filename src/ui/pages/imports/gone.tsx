import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { ImportTabs } from './list.tsx'
import { importRooms } from './room.ts'

/** A price file that is not here any more: the page of one that was being read looks again, and finds out why. */
export function GonePage({ view }: { view: View }) {
  const t = view.t.imports.rooms.prices
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <ImportTabs view={view} room="prices" />
      <div id="import">
        <Panel id="gone" title={view.t.imports.standing}>
          <Empty text={t.gone} />
        </Panel>
      </div>
      <p>
        <a href={importRooms.prices.address}>{t.back}</a>
      </p>
    </Layout>
  )
}
