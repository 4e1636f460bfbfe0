import type { Child } from 'hono/jsx'
import { Empty, Table } from './panel.tsx'

/** A column: its head, and what stands there of each row. */
export type Column<Row> = {
  readonly head: string
  readonly cell: (row: Row) => Child
  /** `num`: numbers, at the right; may go with `strong`, `hide-narrow` and the like. */
  readonly look?: string | ((row: Row) => string)
  /** What the row is about: its head. */
  readonly names?: boolean
}

type Given<Row> = {
  readonly label: string
  readonly rows: readonly Row[]
  /** The row's place on the page, for links and refreshes. */
  readonly id?: (row: Row) => string
  /** Rows that hold no more stand back. */
  readonly isOver?: (row: Row) => boolean
  /** On a telephone each row stands as a card. */
  readonly isStacked?: boolean
  readonly columns: readonly (Column<Row> | null)[]
  /** What to say, and do, where there is none. */
  readonly empty: string
}

/** A table of things that are alike, or why there is none. A column that is null is left out. */
export function Rows<Row>({ label, rows, id, isOver, isStacked = false, columns, empty }: Given<Row>) {
  if (rows.length === 0) return <Empty text={empty} />
  const shown = columns.filter(column => column !== null)
  return (
    <Table label={label} isStacked={isStacked}>
      <thead>
        <tr>
          {shown.map(({ head, look }) => (
            <th class={headLook(look)}>{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={id?.(row)} class={isOver?.(row) === true ? 'ended' : undefined}>
            {shown.map(({ head, cell, look, names }) => {
              const className = typeof look === 'function' ? look(row) : look
              return names === true ? (
                <th scope="row" class={className}>
                  {cell(row)}
                </th>
              ) : (
                <td class={className} data-label={isStacked ? head : undefined}>
                  {cell(row)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Heads stand above their numbers; what is marked in a cell is not marked in its head. */
function headLook<Row>(look: Column<Row>['look']): string | undefined {
  const words = (typeof look === 'string' ? look : look === undefined ? '' : 'num').split(' ')
  const kept = words.filter(word => word === 'num' || word.startsWith('hide-'))
  return kept.length === 0 ? undefined : kept.join(' ')
}

/** A part of a page with its form beside it, where there is one. */
export function Beside({ form, children }: { form: Child | null; children: Child }) {
  return (
    <div class={form === null ? '' : 'columns'}>
      {children}
      {form}
    </div>
  )
}
