import type { ListedImport } from '../../../../db/import-list.ts'
import { actorName, number } from '../../format.ts'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Price files that go beyond a limit, each with the way to its decision. */
export function HeldFiles({ view, files }: { view: View; files: readonly ListedImport[] }) {
  const t = view.t.held
  const mayDecide = may(view, 'prices:approve')
  return (
    <Panel id="files" title={t.files.title} aside={t.files.lead}>
      <Rows
        label={t.files.title}
        rows={files}
        id={file => `file-${file.id}`}
        empty={t.empty}
        columns={[
          { head: t.files.file, names: true, cell: file => <a href={`/prices/import/${file.id}`}>{file.name}</a> },
          { head: t.files.beyond, cell: file => <span translate="no">{file.beyond.join(', ')}</span> },
          { head: t.files.rows, look: 'num strong', cell: file => number(file.rows, view.language) },
          {
            head: t.files.sent,
            cell: file => (
              <>
                <Ago view={view} at={file.createdAt} isWait />
                <span class="sub">{actorName(file.actor, view.t.actor.system)}</span>
              </>
            ),
          },
          { head: t.files.decide, cell: file => (mayDecide ? <a href={`/prices/import/${file.id}`}>{t.see}</a> : t.notAllowed.price) },
        ]}
      />
    </Panel>
  )
}
