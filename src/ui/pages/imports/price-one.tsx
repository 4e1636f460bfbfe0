import type { Sample } from '../../../../db/imports.ts'
import type { GuardPreview, PriceWeighed } from '../../../../db/price-imports.ts'
import { decisionOf, type ImportStanding } from '../../../usecases/read-import.ts'
import { actorName, documentText, money, number } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { Rows } from '../../parts/rows.tsx'
import { may, type View } from '../../view.ts'
import { whyText } from '../held/why.ts'
import { ImportPage, noted } from './one.tsx'

type Given = {
  readonly view: View
  readonly found: ImportStanding
  /** Who sent it, and who decided on it. */
  readonly people: { readonly actor: string; readonly decidedBy: string | null }
  /** How far it is compared, while it is read. */
  readonly weighed: PriceWeighed | null
}

/** One price file: what it would do to prices and to the listings of each channel, and the decision where the guard asks for one. */
export function PriceImportPage({ view, found, people, weighed }: Given) {
  const t = view.t.imports
  const words = t.rooms.prices
  const count = (name: string): string => number(noted(found, name), view.language)
  const name = (actor: string): string => actorName(actor, view.t.actor.system)
  const samples = (found.summary.samples ?? {}) as { readonly new?: readonly Sample[]; readonly changed?: readonly Sample[] }
  const guard = (found.summary.guard ?? []) as readonly GuardPreview[]
  const note = decisionOf(found.summary)?.note
  const decided = people.decidedBy === null ? [] : ([[words.decidedBy, name(people.decidedBy)]] as const)
  return (
    <ImportPage
      view={view}
      room="prices"
      found={found}
      facts={[
        ...(found.state === 'refused'
          ? ([[t.wrongRows, count('errors')]] as const)
          : ([
              [t.changed, count('changed')],
              [words.fresh, count('new')],
              [t.unchanged, count('unchanged')],
            ] as const)),
        [words.sentBy, name(people.actor)],
        ...decided,
        ...(note === undefined ? [] : ([[view.t.prices.history.why, note]] as const)),
      ]}
      reading={weighed === null || weighed.of === 0 ? null : <Weighed view={view} weighed={weighed} />}
      decision={found.state === 'waiting' ? <Decision view={view} id={found.id} /> : null}
    >
      {found.state === 'staging' || found.state === 'refused' ? null : <GuardPanel view={view} guard={guard} />}
      <Samples view={view} id="samples-changed" title={t.changedSamples} samples={samples.changed ?? []} />
      <Samples view={view} id="samples-new" title={t.freshSamples} samples={samples.new ?? []} />
    </ImportPage>
  )
}

function Weighed({ view, weighed }: { view: View; weighed: PriceWeighed }) {
  return (
    <div class="panel-body apply-progress">
      <Progress view={view} done={weighed.done} of={weighed.of} />
      <b>{view.t.imports.rooms.prices.weighed(number(weighed.done, view.language), number(weighed.of, view.language))}</b>
    </div>
  )
}

function Decision({ view, id }: { view: View; id: number }) {
  const t = view.t.imports.rooms.prices
  if (!may(view, 'prices:approve')) return <p class="panel-note">{view.t.held.notAllowed.price}</p>
  const action = `/prices/import/${id}/decide`
  return (
    <div class="panel-body">
      <WriteForm view={view} action={action}>
        <TextEntry draft={draftOf(view, action)} name="note" label={view.t.held.note} hint={view.t.held.noteHint} maxlength={200} />
        <div class="decide">
          <button type="submit" name="decision" value="approve" class="main">
            {t.approve}
          </button>
          <button type="submit" name="decision" value="reject">
            {t.reject}
          </button>
        </div>
      </WriteForm>
    </div>
  )
}

/** What the file would do to the listings of each channel, and the limit of the guard that it goes beyond. */
function GuardPanel({ view, guard }: { view: View; guard: readonly GuardPreview[] }) {
  const t = view.t.imports.rooms.prices
  const shown = (value: unknown): string =>
    documentText(value as Readonly<Record<string, unknown>> | null, view.language, view.t.sku.shown.salePrice)
  return (
    <Panel id="guard" title={t.guard}>
      <Rows
        label={t.guard}
        rows={guard}
        id={one => `guard-${one.channel}`}
        empty={t.noGuard}
        columns={[
          { head: view.t.held.channel, names: true, cell: one => one.channel },
          { head: t.listings, look: 'num', cell: one => number(one.listings, view.language) },
          { head: t.priced, look: 'num strong', cell: one => number(one.changed, view.language) },
          {
            head: t.dropped,
            look: one => (one.dropped === 0 ? 'num zero' : 'num count-refused'),
            cell: one => number(one.dropped, view.language),
          },
          {
            head: view.t.held.limit,
            cell: one =>
              one.limit === undefined ? <span class="quiet">{t.within}</span> : <b class="tone-bad">{whyText(view, { ...one })}</b>,
          },
          {
            head: view.t.prices.dry.examples,
            cell: one =>
              one.examples
                .slice(0, 3)
                .map(example => (
                  <span class="sub">{view.t.prices.dry.arrow(example.sku, shown(example.before), shown(example.after))}</span>
                )),
          },
        ]}
      />
    </Panel>
  )
}

function Samples({ view, id, title, samples }: { view: View; id: string; title: string; samples: readonly Sample[] }) {
  const t = view.t.imports
  if (samples.length === 0) return null
  const of = (values: Sample['from'], name: string): string | null => {
    const value = values?.[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null
  }
  const currency = (sample: Sample): string => of(sample.to, 'currency') ?? ''
  const price = (sample: Sample, amount: string | null): string =>
    amount === 'none' ? t.rooms.prices.ends : money(amount, currency(sample))
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
              <a class="sku" href={`/skus/${encodeURIComponent(sample.sku)}/prices`}>
                {sample.sku}
              </a>
            ),
          },
          { head: t.rooms.prices.target, cell: sample => targetOf(view, sample.to, of) },
          { head: t.before, look: 'num', cell: sample => price(sample, of(sample.from, 'amount')) },
          { head: t.after, look: 'num strong', cell: sample => price(sample, of(sample.to, 'amount')) },
        ]}
      />
    </Panel>
  )
}

/** What the price is for: everyone, a channel, or a list from a quantity on; and its period. */
function targetOf(view: View, to: Sample['to'], of: (values: Sample['to'], name: string) => string | null): string {
  const t = view.t.imports.rooms.prices
  const [channel, list, quantity] = [of(to, 'channel'), of(to, 'list'), of(to, 'minQuantity')]
  const whom = list === null ? (channel ?? view.t.prices.audiences.everyone) : view.t.skuPrices.breaks.source.list(list)
  const many = quantity === null ? [] : [view.t.skuPrices.breaks.from(quantity)]
  const from = of(to, 'from')
  const told = (at: string): string => at.slice(0, 16).replace('T', ' ')
  const until = of(to, 'to')
  const period = from === null ? [] : [t.period(told(from), until === null ? view.t.prices.openEnd : told(until))]
  return [whom, ...many, ...period].join(' · ')
}
