import type { ListedImport } from '../../../../db/import-list.ts'
import { actorName, number } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Price files that go beyond a limit, each with the decision that it waits for. */
export function HeldFiles({ view, files }: { view: View; files: readonly ListedImport[] }) {
  const t = view.t.held
  const mayDecide = may(view, 'prices:approve')
  return (
    <Panel id="files" title={t.files.title} aside={t.files.lead}>
      <Table label={t.files.title}>
        <thead>
          <tr>
            <th>{t.files.file}</th>
            <th>{t.files.beyond}</th>
            <th class="num">{t.files.rows}</th>
            <th>{t.files.sent}</th>
            <th>{t.files.decide}</th>
          </tr>
        </thead>
        <tbody>
          {files.map(file => (
            <tr id={`file-${file.id}`}>
              <th scope="row">
                {file.name}
                <span class="sub">{t.files.command(String(file.id))}</span>
              </th>
              <td translate="no">{file.beyond.join(', ')}</td>
              <td class="num strong">{number(file.rows, view.language)}</td>
              <td>
                <Ago view={view} at={file.createdAt} isWait />
                <span class="sub">{actorName(file.actor, view.t.actor.system)}</span>
              </td>
              <td>{mayDecide ? <Decide view={view} file={file} /> : t.notAllowed.price}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

function Decide({ view, file }: { view: View; file: ListedImport }) {
  const t = view.t.held.files
  return (
    <WriteForm view={view} action={`/held/files/${file.id}`}>
      <div class="decide">
        <button type="submit" name="decision" value="approve">
          {t.approve}
        </button>
        <button type="submit" name="decision" value="reject">
          {t.reject}
        </button>
      </div>
    </WriteForm>
  )
}
