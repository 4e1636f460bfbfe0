import type { Sample } from '../../../../db/imports.ts'
import type { ImportStanding } from '../../../usecases/read-import.ts'
import { number } from '../../format.ts'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { ImportMark } from './list.tsx'
import { rightText } from './right.ts'

// Whoever has more errors than these has one cause for most of them.
const ERRORS_SHOWN = 200

/** One stock file: what is wrong with it, or what it would change, and how far it is. While it applies, the page looks again each second. */
export function ImportPage({ view, found }: { view: View; found: ImportStanding }) {
  const t = view.t.imports
  return (
    <Layout view={view} title={found.name}>
      <div class="page-head">
        <h1>{found.name}</h1>
      </div>
      <StockTabs view={view} current="import" />
      {found.state === 'applying' ? (
        // Replaced whole: once it is done, what replaces it asks no more.
        <div id="import" hx-get={view.path} hx-trigger="every 1s" hx-select="#import" hx-target="this" hx-swap="outerHTML">
          <Standing view={view} found={found} />
        </div>
      ) : (
        <div id="import">
          <Standing view={view} found={found} />
        </div>
      )}
      <p>
        <a href="/stock/import">{t.back}</a>
      </p>
    </Layout>
  )
}

function Standing({ view, found }: { view: View; found: ImportStanding }) {
  const t = view.t.imports
  const count = (name: string): number => (typeof found.summary[name] === 'number' ? Number(found.summary[name]) : 0)
  const plain = (value: number): string => number(value, view.language)
  const samples = (found.summary.samples ?? {}) as { readonly new?: readonly Sample[]; readonly changed?: readonly Sample[] }
  const moves = count('new') + count('changed')
  return (
    <>
      <Panel id="standing" title={t.standing} aside={<ImportMark view={view} state={found.state} />}>
        <Facts
          facts={[
            [t.rows, plain(found.rows)],
            ...(found.state === 'refused'
              ? ([[t.wrongRows, plain(count('errors'))]] as const)
              : ([
                  [t.changed, plain(count('changed'))],
                  [t.fresh, plain(count('new'))],
                  [t.unchanged, plain(count('unchanged'))],
                  [t.overtaken, plain(count('overtaken'))],
                ] as const)),
            ...(count('failed') > 0 ? ([[t.failed, plain(count('failed'))]] as const) : []),
            ...(found.endedAt === null ? [] : ([[t.ended, <At view={view} at={found.endedAt} />]] as const)),
          ]}
        />
        <p class="panel-note">{t.says[found.state]}</p>
        {found.state === 'applying' || found.state === 'done' ? (
          <div class="panel-body apply-progress">
            <Progress view={view} done={found.applied} of={found.rows} />
            <b>{t.appliedOf(plain(found.applied), plain(found.rows))}</b>
          </div>
        ) : null}
        {may(view, 'stock:write') && (found.state === 'judged' || found.state === 'applying') ? (
          <div class="panel-body">
            <WriteForm view={view} action={`/stock/import/${found.id}/apply`}>
              <button type="submit" class={found.state === 'judged' ? 'main' : ''}>
                {found.state === 'judged' ? t.apply(plain(moves)) : t.goOn}
              </button>
            </WriteForm>
          </div>
        ) : null}
      </Panel>
      {found.errors.length === 0 ? null : <Errors view={view} found={found} />}
      <Samples view={view} title={t.changedSamples} samples={samples.changed ?? []} />
      <Samples view={view} title={t.freshSamples} samples={samples.new ?? []} />
    </>
  )
}

function Errors({ view, found }: { view: View; found: ImportStanding }) {
  const t = view.t.imports
  const shown = found.errors.slice(0, ERRORS_SHOWN)
  return (
    <Panel id="errors" title={t.errors} aside={t.firstErrors(shown.length)}>
      <Table label={t.errors}>
        <thead>
          <tr>
            <th class="num">{t.row}</th>
            <th>{t.column}</th>
            <th>{t.value}</th>
            <th>{t.expected}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(error => (
            <tr>
              <td class="num">{number(error.row, view.language)}</td>
              <td class="sku" translate="no">
                {error.column}
              </td>
              <td translate="no">{error.value === '' ? '–' : error.value}</td>
              <td>{rightText(view, error.expected)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

function Samples({ view, title, samples }: { view: View; title: string; samples: readonly Sample[] }) {
  const t = view.t.imports
  if (samples.length === 0) return null
  return (
    <Panel id={`samples-${samples[0]?.from === null ? 'new' : 'changed'}`} title={title} aside={t.firstRows(samples.length)}>
      <Table label={title}>
        <thead>
          <tr>
            <th class="num">{t.row}</th>
            <th>{view.t.sku.columns.sku}</th>
            <th>{view.t.sku.stock.location}</th>
            <th class="num">{t.before}</th>
            <th class="num">{t.after}</th>
          </tr>
        </thead>
        <tbody>
          {samples.map(sample => (
            <tr>
              <td class="num">{number(sample.row, view.language)}</td>
              <th scope="row">
                <a class="sku" href={`/skus/${encodeURIComponent(sample.sku)}`}>
                  {sample.sku}
                </a>
              </th>
              <td>{sample.location ?? ''}</td>
              <td class="num">{unitsOf(view, sample.from)}</td>
              <td class="num strong">{unitsOf(view, sample.to)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

function unitsOf(view: View, values: Readonly<Record<string, unknown>> | null): string {
  const units = Object.values(values ?? {}).find(value => typeof value === 'number')
  return typeof units === 'number' ? number(units, view.language) : '–'
}
