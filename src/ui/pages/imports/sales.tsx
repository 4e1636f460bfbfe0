import type { ReceiptsBooked } from '../../../usecases/book-receipts.ts'
import { number } from '../../format.ts'
import { draftOf } from '../../parts/entry.tsx'
import { KeyFields } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import type { View } from '../../view.ts'
import { FileEntry, ReadAs } from './fields.tsx'

export const SALES_ADDRESS = '/stock/sales'
/** What is done with a file: it is judged, or booked. */
export const SALES_DEEDS = ['look', 'book'] as const

/** What became, or would become, of a file. */
export type SalesFile = ReceiptsBooked & { readonly name: string; readonly dryRun: boolean }

const SAMPLE = 'till,receipt,location,sku,quantity\nberlin-1,0147,berlin,MUG-BLUE,2\nberlin-1,0148,berlin,MUG-RED,-1'

/** Sends a till's file of receipts, and tells what became of it. */
export function SalesPage({ view, file }: { view: View; file: SalesFile | null }) {
  const t = view.t.imports
  return (
    <Layout view={view} title={t.sales.title}>
      <div class="page-head">
        <h1>{t.sales.title}</h1>
      </div>
      <StockTabs view={view} current="sales" />
      {file === null ? null : <Result view={view} file={file} />}
      <div class="columns">
        <SalesUpload view={view} />
        <Panel id="how" title={t.how}>
          <ol class="steps">
            {t.sales.steps.split('\n').map(step => (
              <li>{step}</li>
            ))}
          </ol>
          <pre class="sample" translate="no">
            {SAMPLE}
          </pre>
        </Panel>
      </div>
    </Layout>
  )
}

function SalesUpload({ view }: { view: View }) {
  const t = view.t.imports
  const draft = draftOf(view, SALES_ADDRESS)
  return (
    <Panel id="upload" title={t.upload}>
      <div class="panel-body">
        <form method="post" action={SALES_ADDRESS} enctype="multipart/form-data" class="form">
          <KeyFields view={view} />
          <FileEntry draft={draft} hint={t.sales.fileHint} />
          <details class="fold">
            <summary>{t.more}</summary>
            <ReadAs draft={draft} />
          </details>
          <div class="form-row">
            <button type="submit" name="do" value="look">
              {t.sales.look}
            </button>
            <button type="submit" name="do" value="book" class="main">
              {t.sales.book}
            </button>
          </div>
        </form>
      </div>
    </Panel>
  )
}

function Result({ view, file }: { view: View; file: SalesFile }) {
  const t = view.t.imports.sales
  const told = (n: number): string => number(n, view.language)
  return (
    <Panel id="result" title={file.name} aside={file.refused > file.errors.length ? t.firstOf(told(file.errors.length)) : undefined}>
      <p class="panel-note" role="status">
        {(file.dryRun ? t.looked : t.booked)(told(file.booked), told(file.known), told(file.refused))}
      </p>
      {file.errors.length === 0 ? null : (
        <Rows
          label={t.wrong}
          rows={file.errors}
          isStacked
          empty=""
          columns={[
            { head: t.receipt, names: true, cell: one => `${one.till} ${one.receipt}` },
            { head: view.t.imports.row, look: 'num', cell: one => told(one.row) },
            { head: t.column, cell: one => <span translate="no">{one.column}</span> },
            {
              head: t.why,
              cell: ({ code, values: [value = '', more = ''] }) =>
                code === 'other' ? (
                  <span lang="en" translate="no">
                    {value}
                  </span>
                ) : (
                  t.whys[code](value, more)
                ),
            },
          ]}
        />
      )}
    </Panel>
  )
}
