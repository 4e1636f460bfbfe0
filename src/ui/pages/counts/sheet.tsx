import { randomUUID } from 'node:crypto'
import type { CountRow } from '../../../../db/counts.ts'
import type { SheetLine } from '../../../../db/pages-counts.ts'
import { actorName, number } from '../../format.ts'
import { Filters } from '../../parts/filters.tsx'
import { CSRF_FIELD, KEY_FIELD, WriteForm } from '../../parts/form.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Pager } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { Ago } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

export type SheetAsked = { readonly search: string; readonly isOpenOnly: boolean; readonly after: number }

export type Sheet = {
  readonly count: CountRow
  readonly lines: readonly SheetLine[]
  readonly next: number | null
  readonly last: readonly SheetLine[]
  readonly asked: SheetAsked
}

/** Where people count: a field for the scanner, what was counted last, and the list of what is to be counted. The books are told nowhere. */
export function CountSheet({ view, sheet }: { view: View; sheet: Sheet }) {
  const t = view.t.counting.sheet
  const { count } = sheet
  return (
    <>
      <div class="columns even count">
        <Panel id="scan" title={t.scan}>
          <ScanForm view={view} id={count.id} />
          <p class="panel-note">{t.scanHint}</p>
        </Panel>
        <CountLive view={view} sheet={sheet} />
      </div>
      <ToCount view={view} sheet={sheet} />
      <EndForms view={view} count={count} />
    </>
  )
}

/**
 * A scanner types a code and ends with Enter. The field stays as it is while the answer is under way, so that the next code is not lost, and requests
 * go one after the other. The part that shows their answers keeps its place, because requests that wait were made for it. `console.js` empties the
 * field and gives each code a key of its own.
 */
function ScanForm({ view, id }: { view: View; id: number }) {
  const t = view.t.counting.sheet
  const action = `/stock/counts/${id}/scan`
  return (
    <form
      method="post"
      action={action}
      class="form panel-body scan"
      id="scan-form"
      data-scan
      hx-post={action}
      hx-target="#count-live"
      hx-select="#count-live > *"
      hx-swap="innerHTML"
      hx-sync="this:queue all"
      hx-morph-skip
    >
      <input type="hidden" name={CSRF_FIELD} value={view.principal?.csrf ?? ''} />
      <input type="hidden" name={KEY_FIELD} value={randomUUID()} />
      <input class="large" name="code" required maxlength={120} aria-label={t.code} placeholder={t.code} autocomplete="off" autofocus />
      <div class="form-row">
        <label class="field small">
          <span class="field-label">{t.each}</span>
          <input
            class="number"
            name="add"
            value="1"
            inputmode="numeric"
            pattern="[+\-−–]?[0-9]{1,7}"
            title={view.t.form.signedHint}
            required
          />
        </label>
        <label class="field">
          <span class="field-label">{t.lot}</span>
          <input name="lot" maxlength={80} autocomplete="off" />
        </label>
        <button type="submit" class="main large">
          {t.add}
        </button>
      </div>
    </form>
  )
}

/** What the last scan did, how far the count is, and what was counted last. */
export function CountLive({ view, sheet }: { view: View; sheet: Sheet }) {
  const t = view.t.counting.sheet
  const { count, last } = sheet
  const { flash } = view
  return (
    <section class="panel" id="count-live" aria-labelledby="last-title">
      {flash === null ? null : (
        <p class={`scan-said ${flash.tone === 'done' ? 'tone-good' : flash.tone === 'warning' ? 'tone-wait' : 'tone-bad'}`} role="status">
          <Icon name={flash.tone === 'done' ? 'done' : 'warn'} />
          <span>{flash.text}</span>
        </p>
      )}
      <header class="panel-head">
        <h2 id="last-title">{t.last}</h2>
        <span class="panel-aside count-progress">
          {t.progress(number(count.counted, view.language), number(count.lines, view.language))}
          <Progress view={view} done={count.counted} of={count.lines} />
        </span>
      </header>
      {last.length === 0 ? (
        <Empty text={t.nothingYet} />
      ) : (
        <Table label={t.last}>
          <tbody>
            {last.map(line => (
              <tr id={`last-${line.id}`}>
                <LineName view={view} line={line} />
                <td class="num counted">{number(line.counted ?? 0, view.language)}</td>
                <td class="quiet">
                  <Ago view={view} at={line.countedAt} />
                  <span class="sub">{actorName(line.countedBy ?? 'system', view.t.actor.system)}</span>
                </td>
                <td class="end">
                  <AddForm view={view} id={count.id} line={line} add={-1} />
                  <AddForm view={view} id={count.id} line={line} add={1} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  )
}

function AddForm({ view, id, line, add }: { view: View; id: number; line: SheetLine; add: 1 | -1 }) {
  const t = view.t.counting.sheet
  return (
    <WriteForm view={view} action={`/stock/counts/${id}/line`} class="step">
      <LineFields line={line} />
      <input type="hidden" name="add" value={String(add)} />
      <button type="submit" aria-label={add === 1 ? t.oneMore(line.sku) : t.oneLess(line.sku)}>
        {add === 1 ? '+1' : '−1'}
      </button>
    </WriteForm>
  )
}

function LineFields({ line }: { line: SheetLine }) {
  return (
    <>
      <input type="hidden" name="sku" value={line.sku} />
      {line.lot === null ? null : <input type="hidden" name="lot" value={line.lot} />}
    </>
  )
}

function LineName({ view, line }: { view: View; line: SheetLine }) {
  return (
    <th scope="row">
      <span class="sku">{line.sku}</span>
      <span class="sub">
        {[line.title, line.lot === null ? null : line.lot === '' ? view.t.stock.move.noLot : view.t.sku.movements.lot(line.lot)]
          .filter(part => part !== null)
          .join(' · ')}
      </span>
    </th>
  )
}

function ToCount({ view, sheet }: { view: View; sheet: Sheet }) {
  const t = view.t.counting.sheet
  const { count, lines, next, asked } = sheet
  const link = (change: Partial<SheetAsked>): string => sheetAddress(count.id, { ...asked, after: 0, ...change })
  return (
    <Panel
      id="to-count"
      title={t.toCount}
      aside={
        <Filters
          label={view.t.form.filter}
          current={asked.isOpenOnly ? 'open' : 'all'}
          choices={[
            { value: 'open', word: t.uncounted(number(count.lines - count.counted, view.language)), href: link({ isOpenOnly: true }) },
            { value: 'all', word: t.all(number(count.lines, view.language)), href: link({ isOpenOnly: false }) },
          ]}
        />
      }
    >
      <search class="panel-body find">
        <form method="get" action={`/stock/counts/${count.id}`} class="inline-form">
          {asked.isOpenOnly ? null : <input type="hidden" name="all" value="yes" />}
          <input
            type="search"
            name="q"
            value={asked.search}
            placeholder={view.t.sku.search}
            aria-label={view.t.sku.search}
            maxlength={100}
            autocomplete="off"
          />
          <button type="submit">{view.t.form.search}</button>
        </form>
      </search>
      {lines.length === 0 ? (
        <Empty text={asked.search !== '' ? view.t.sku.none : t.allCounted} />
      ) : (
        <Table label={t.toCount}>
          <thead>
            <tr>
              <th>{view.t.sku.columns.sku}</th>
              <th class="hide-narrow">GTIN</th>
              <th class="num">{t.countedNow}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(line => (
              <tr id={`line-${line.id}`}>
                <LineName view={view} line={line} />
                <td class="sku hide-narrow">{line.gtin ?? '–'}</td>
                <td class="num">
                  <WriteForm view={view} action={`/stock/counts/${count.id}/line`} class="inline-form end">
                    <LineFields line={line} />
                    <input
                      class="cell number large"
                      name="counted"
                      value={line.counted === null ? '' : String(line.counted)}
                      inputmode="numeric"
                      pattern="[0-9]{1,7}"
                      title={view.t.form.wholeHint}
                      aria-label={t.countedOf(line.sku)}
                      required
                      autocomplete="off"
                    />
                    <button type="submit">{t.save}</button>
                  </WriteForm>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <Pager view={view} first={asked.after === 0 ? null : link({})} next={next === null ? null : link({ after: next })} />
    </Panel>
  )
}

function EndForms({ view, count }: { view: View; count: CountRow }) {
  const t = view.t.counting.sheet
  const left = count.lines - count.counted
  return (
    <Panel id="hand-in" title={t.handIn}>
      <div class="panel-body split">
        <WriteForm view={view} action={`/stock/counts/${count.id}/submit`}>
          <p class="hint">{left === 0 ? t.handInAll : t.handInSome(number(left, view.language))}</p>
          <button type="submit" class="main">
            {t.handIn}
          </button>
        </WriteForm>
        <WriteForm view={view} action={`/stock/counts/${count.id}/cancel`}>
          <p class="hint">{t.cancelHint}</p>
          <button type="submit" class="danger">
            {t.cancel}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}

function sheetAddress(id: number, { search, isOpenOnly, after }: SheetAsked): string {
  const query = new URLSearchParams()
  if (search !== '') query.set('q', search)
  if (!isOpenOnly) query.set('all', 'yes')
  if (after > 0) query.set('after', String(after))
  const text = query.toString()
  return `/stock/counts/${id}${text === '' ? '' : `?${text}`}#to-count`
}
