import type { CountRow, ReviewPart as Part } from '../../../../db/counts.ts'
import type { ReasonRow } from '../../../../db/reasons.ts'
import type { CountReview, ReviewLine } from '../../../usecases/review-count.ts'
import { actorName, money, number, signed } from '../../format.ts'
import { ChoiceEntry, draftOf } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Filters } from '../../parts/filters.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Pager } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import type { View } from '../../view.ts'
import { reasonName } from '../reasons.tsx'

export type Review = {
  readonly part: Part
  readonly after: number
  readonly next: number | null
  readonly found: CountReview
  readonly reasons: readonly ReasonRow[]
}

/** The field of a line in the form that decides. */
export const chosenField = (id: number): string => `line:${id}`

const parts: readonly Part[] = ['differences', 'uncounted', 'all']

/** A count beside the books: what differs, in units and money, and the form that decides about it. */
export function ReviewPart({ view, count, review }: { view: View; count: CountRow; review: Review }) {
  const t = view.t.counting.review
  const { totals, lines } = review.found
  const action = `/stock/counts/${count.id}/decide`
  const isOpen = count.state === 'review'
  const words = { differences: t.differences, uncounted: t.uncounted, all: t.all }
  const sizes = { differences: totals.differing, uncounted: totals.uncounted, all: totals.lines }
  const link = (part: Part, after = 0): string =>
    `/stock/counts/${count.id}?${new URLSearchParams({ part, ...(after === 0 ? {} : { after: String(after) }) })}#differences`
  return (
    <>
      <Panel id="totals" title={t.summary}>
        <Totals view={view} count={count} review={review} />
      </Panel>
      <Panel
        id="differences"
        title={words[review.part]}
        aside={
          <Filters
            label={view.t.form.filter}
            current={review.part}
            choices={parts.map(part => ({ value: part, word: `${words[part]} ${number(sizes[part], view.language)}`, href: link(part) }))}
          />
        }
      >
        {lines.length === 0 ? (
          <Empty text={review.part === 'differences' ? t.noDifference : t.nothingHere} />
        ) : isOpen ? (
          <WriteForm view={view} action={action} class="table-form">
            <Lines view={view} lines={lines} isOpen />
            <Decision view={view} action={action} review={review} />
          </WriteForm>
        ) : (
          <Lines view={view} lines={lines} isOpen={false} />
        )}
        <Pager
          view={view}
          first={review.after === 0 ? null : link(review.part)}
          next={review.next === null ? null : link(review.part, review.next)}
        />
      </Panel>
      {isOpen ? <DecideAll view={view} action={action} review={review} /> : null}
    </>
  )
}

function Totals({ view, count, review }: { view: View; count: CountRow; review: Review }) {
  const t = view.t.counting.review
  const { totals } = review.found
  const plain = (value: number): string => number(value, view.language)
  return (
    <>
      <Facts
        facts={[
          [t.lines, plain(totals.lines)],
          [t.differing, plain(totals.differing)],
          [t.uncounted, plain(totals.uncounted)],
          [t.found, <span class={totals.found > 0 ? 'plus' : ''}>{signed(totals.found, view.language) || '0'}</span>],
          [t.missing, <span class={totals.missing > 0 ? 'minus' : ''}>{signed(-totals.missing, view.language) || '0'}</span>],
          [t.value, totals.values.length === 0 ? '–' : totals.values.map(one => worth(one.value, one.currency)).join(' · ')],
          [t.handedInBy, actorName(count.submittedBy ?? 'system', view.t.actor.system)],
          ...(count.endedBy === null ? [] : ([[t.decidedBy, actorName(count.endedBy, view.t.actor.system)]] as const)),
        ]}
      />
      {totals.withoutCost > 0 ? <p class="panel-note">{t.withoutCost(totals.withoutCost)}</p> : null}
    </>
  )
}

/** An amount with its sign, as `−EUR 12.00`. */
function worth(value: string, currency: string): string {
  const isMinus = value.startsWith('-')
  return `${isMinus ? '−' : /^0(\.0+)?$/.test(value) ? '' : '+'}${money(isMinus ? value.slice(1) : value, currency)}`
}

function Lines({ view, lines, isOpen }: { view: View; lines: readonly ReviewLine[]; isOpen: boolean }) {
  const t = view.t.counting.review
  const plain = (value: number): string => number(value, view.language)
  return (
    <Table label={t.differences}>
      <thead>
        <tr>
          {isOpen ? <th>{t.choose}</th> : null}
          <th>{view.t.sku.columns.sku}</th>
          <th class="num">{t.book}</th>
          <th class="num">{t.counted}</th>
          <th class="num">{t.difference}</th>
          <th class="num">{t.value}</th>
          <th class="hide-narrow">{t.countedBy}</th>
          <th>{t.decision}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(line => (
          <tr id={`line-${line.id}`}>
            {isOpen ? (
              <td>
                {line.decision === null ? (
                  <input type="checkbox" name={chosenField(line.id)} value="yes" aria-label={t.chooseOf(line.sku)} />
                ) : null}
              </td>
            ) : null}
            <th scope="row">
              <a class="sku" href={`/skus/${encodeURIComponent(line.sku)}`}>
                {line.sku}
              </a>
              <span class="sub">
                {[line.title, line.lot === null ? null : line.lot === '' ? view.t.stock.move.noLot : view.t.sku.movements.lot(line.lot)]
                  .filter(part => part !== null)
                  .join(' · ')}
              </span>
            </th>
            <td class="num">{plain(line.book)}</td>
            <td class="num strong">{line.counted === null ? <span class="quiet">{t.notCounted}</span> : plain(line.counted)}</td>
            <td class={`num ${(line.difference.units ?? 0) > 0 ? 'plus' : (line.difference.units ?? 0) < 0 ? 'minus' : 'zero'}`}>
              {line.difference.units === null ? '–' : signed(line.difference.units, view.language) || '0'}
            </td>
            <td class="num">{line.difference.value === null ? '–' : worth(line.difference.value, line.currency ?? '')}</td>
            <td class="hide-narrow">{line.countedBy === null ? '–' : actorName(line.countedBy, view.t.actor.system)}</td>
            <td>
              {line.decision === null ? (
                <span class="quiet">{t.open}</span>
              ) : (
                <State view={view} state={line.decision === 'approved' ? 'applied' : 'cancelled'} text={t.decided[line.decision]} />
              )}
              {line.posted === null || line.posted === 0 ? null : <span class="sub">{t.posted(signed(line.posted, view.language))}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const countReasons = (view: View, reasons: readonly ReasonRow[]) =>
  reasons.filter(reason => reason.acts.includes('count')).map(reason => ({ value: reason.code, word: reasonName(view, reason) }))

/** Decides about the lines that are ticked. */
function Decision({ view, action, review }: { view: View; action: string; review: Review }) {
  const t = view.t.counting.review
  return (
    <div class="form-foot">
      <ChoiceEntry
        draft={draftOf(view, action)}
        name="reasonCode"
        label={t.reason}
        none={view.t.stock.move.noReason}
        options={countReasons(view, review.reasons)}
      />
      <button type="submit" name="deed" value="approve" class="main">
        {t.approve}
      </button>
      <button type="submit" name="deed" value="reject">
        {t.reject}
      </button>
      <button type="submit" name="deed" value="recount">
        {t.recount}
      </button>
    </div>
  )
}

/** Decides about all that is left, which ends the count. */
function DecideAll({ view, action, review }: { view: View; action: string; review: Review }) {
  const t = view.t.counting.review
  const { totals } = review.found
  const draft = draftOf(view, `${action}-all`)
  return (
    <Panel id="decide-all" title={t.rest}>
      <div class="panel-body">
        <WriteForm view={view} action={`${action}-all`}>
          <p class="hint">{t.restHint}</p>
          <div class="form-row">
            <ChoiceEntry
              draft={draft}
              name="reasonCode"
              label={t.reason}
              none={view.t.stock.move.noReason}
              options={countReasons(view, review.reasons)}
            />
            {totals.uncounted === 0 ? null : (
              <ChoiceEntry
                draft={draft}
                name="uncounted"
                label={t.whatOfUncounted(totals.uncounted)}
                value="leave"
                options={[
                  { value: 'leave', word: t.leave },
                  { value: 'zero', word: t.zero },
                ]}
              />
            )}
            <button type="submit" name="deed" value="approve" class="main">
              {t.approveAll}
            </button>
            <button type="submit" name="deed" value="reject" class="danger">
              {t.rejectAll}
            </button>
          </div>
        </WriteForm>
      </div>
    </Panel>
  )
}
