/** What buyers can be told of an order, in the order in which people see it. As an event of a webhook it is `order.` and the kind. */
export const NOTICE_KINDS = [
  /** Stock is promised. */
  'confirmed',
  /** Something lies ready to be collected. */
  'ready',
  /** It will not be kept much longer. */
  'reminder',
  'extended',
  'not_collected',
  /** A store cannot: the buyer chooses another, has it sent, or cancels. */
  'choice_needed',
  'shipped',
  /** Something ordered is not there after all. */
  'short',
  /** Something else is handed over instead. */
  'substituted',
  'cancelled',
  'refunded',
] as const

export type NoticeKind = (typeof NOTICE_KINDS)[number]

export const isNoticeKind = (text: string): text is NoticeKind => NOTICE_KINDS.some(kind => kind === text)

/** Those events. */
export const orderEvents = NOTICE_KINDS.map(kind => `order.${kind}` as const)

/** The kind that an event of a webhook names; null: it is none of these. */
export function noticeOfEvent(event: string): NoticeKind | null {
  const kind = event.startsWith('order.') ? event.slice('order.'.length) : ''
  return isNoticeKind(kind) ? kind : null
}

/** How an order stands when its buyer is about to be told. */
export type Standing = {
  readonly isOver: boolean
  readonly groupState: string | null
  readonly short: number
  readonly isChoiceOpen: boolean
}

/** Whether a notice still is so; one that things went past is not told. */
export function stillSo(kind: NoticeKind, { isOver, groupState, short, isChoiceOpen }: Standing): boolean {
  switch (kind) {
    case 'confirmed':
      return !isOver
    case 'ready':
    case 'reminder':
    case 'extended':
      return groupState === 'ready'
    case 'choice_needed':
      return isChoiceOpen
    case 'short':
      return short > 0
    default:
      return true
  }
}
