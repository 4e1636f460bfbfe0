/** One line of what happened to a field of a listing; instants are ISO text. */
export type PushEvent = {
  readonly event: 'intended' | 'sent' | 'accepted' | 'applied' | 'refused' | 'retry' | 'read' | 'order' | 'quarantined' | 'held' | 'forced'
  readonly value: Readonly<Record<string, unknown>> | null
  readonly why: Readonly<Record<string, unknown>> | null
  readonly at: string
}

/** What a platform made of a call. under_way: nobody knows yet. */
export type PushOutcome = 'under_way' | 'accepted' | 'applied' | 'refused' | 'retry'

/** A call with this field: what went out, on what it was based, and what became of it. */
export type Push = {
  readonly at: string
  readonly value: PushEvent['value']
  /** What the platform had by our books just before; null: not known. */
  readonly before: PushEvent['value']
  readonly outcome: PushOutcome
  readonly answeredAt: string | null
  /** When it was seen to show. */
  readonly appliedAt: string | null
  /** What the platform said, of a refusal or a failure. */
  readonly words: string | null
  /** What was reckoned that made it go out, and when; null: longer ago than is kept. */
  readonly intended: PushEvent | null
  /** Who asked that it be sent although the platform had it. */
  readonly forcedBy: string | null
  /** It was tried before with this value, and failed. */
  readonly isAgain: boolean
}

/** The calls of a field, the newest first, out of its events in their order. */
export function pushesOf(events: readonly PushEvent[]): Push[] {
  const pushes: Push[] = []
  let intended: PushEvent | null = null
  let forcedBy: string | null = null
  let shows: PushEvent['value'] = null
  let failed = false
  const settle = (how: Partial<Push>): void => {
    const last = pushes.pop()
    if (last !== undefined) pushes.push({ ...last, ...how })
  }
  for (const event of events) {
    const { at, value } = event
    const isOpen = pushes.at(-1)?.outcome === 'under_way'
    switch (event.event) {
      case 'intended':
        intended = event
        failed = false
        break
      case 'forced':
        forcedBy = wordOf(event, 'actor')
        failed = false
        break
      case 'sent':
        pushes.push({
          ...{ at, value, before: shows, outcome: 'under_way', answeredAt: null, appliedAt: null, words: null },
          ...{ intended, forcedBy, isAgain: failed },
        })
        failed = false
        break
      case 'accepted':
        if (isOpen) settle({ outcome: 'accepted', answeredAt: at })
        shows = value
        forcedBy = null
        break
      case 'applied':
        settle(isOpen ? { outcome: 'applied', answeredAt: at, appliedAt: at } : { outcome: 'applied', appliedAt: at })
        shows = value
        forcedBy = null
        break
      case 'refused':
      case 'retry':
        if (isOpen) settle({ outcome: event.event, answeredAt: at, words: wordOf(event, 'words') })
        failed = true
        if (event.event === 'refused') forcedBy = null
        break
      case 'read':
      case 'order':
        shows = value
        break
    }
  }
  return pushes.reverse()
}

/** What the platform showed by our books after these events, in their order; null: not known. */
export function shownAfter(events: readonly PushEvent[]): PushEvent['value'] {
  return events.findLast(({ event }) => event === 'accepted' || event === 'applied' || event === 'read' || event === 'order')?.value ?? null
}

function wordOf({ why }: PushEvent, name: string): string | null {
  const word = why?.[name]
  return typeof word === 'string' ? word : null
}
