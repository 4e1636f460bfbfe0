import type { DeskPlace } from '../../../../db/pages-desk.ts'
import type { DeskCard } from '../../../usecases/read-desk.ts'
import { number } from '../../format.ts'
import type { View } from '../../view.ts'
import { DeskFrame } from './desk.tsx'

/** What is to be picked and handed over, on paper: for a morning without a tablet. */
export function DayList({ view, place, cards }: { view: View; place: DeskPlace; cards: readonly DeskCard[] }) {
  const t = view.t.desk
  const open = cards.filter(card => ['waiting', 'picking'].includes(card.state))
  const ready = cards.filter(card => card.state === 'ready')
  return (
    <DeskFrame view={view} title={t.dayList}>
      <main class="desk-paper">
        <h1>{t.dayList}</h1>
        <p>{t.printed(place.name, atPlace(view, place, view.now.toISOString()))}</p>
        {open.length + ready.length === 0 ? <p>{t.nothing}</p> : null}
        <Part view={view} place={place} title={t.app.toPick} cards={open} when={card => card.readyBy} />
        <Part view={view} place={place} title={t.app.ready} cards={ready} when={card => card.collectBy} />
      </main>
    </DeskFrame>
  )
}

type PartProps = {
  readonly view: View
  readonly place: DeskPlace
  readonly title: string
  readonly cards: readonly DeskCard[]
  readonly when: (card: DeskCard) => string | null
}

function Part({ view, place, title, cards, when }: PartProps) {
  if (cards.length === 0) return null
  return (
    <section>
      <h2>{title}</h2>
      <table>
        <tbody>
          {cards.map(card => (
            <tr>
              <td class="desk-box">☐</td>
              <th scope="row">
                {card.number}
                <span>{card.buyer ?? view.t.desk.app.noName}</span>
              </th>
              <td>
                {card.lines
                  .filter(line => line.open > 0)
                  .map(line => (
                    <div>
                      <b>{number(line.open, view.language)} ×</b> {line.title} <span class="sku">{line.sku}</span>
                    </div>
                  ))}
              </td>
              <td>{when(card) === null ? '' : atPlace(view, place, when(card) ?? '')}</td>
              <td>{card.bay ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** By the clock on the wall of the store. */
function atPlace(view: View, place: DeskPlace, at: string): string {
  return new Intl.DateTimeFormat(view.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: place.zone }).format(new Date(at))
}
