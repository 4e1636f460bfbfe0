import type { ExceptionKind } from '../../db/pages-exceptions.ts'

/** What is wrong with an order that does not go on by itself, as a column says it in English. */
export const EXCEPTION_TEXT: Readonly<Record<ExceptionKind, string>> = {
  held: 'held',
  short: 'short of stock',
  unmatched: 'not matched to a SKU',
  refused: 'refused by the platform',
  late: 'late',
  due: 'to be shipped soon',
  put_back: 'to be put back',
  amiss: 'amounts do not add up',
  not_back: 'exchanged, and not back in time',
  stuck: 'cannot be carried on by itself',
}
