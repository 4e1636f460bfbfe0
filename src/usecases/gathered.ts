export type GatheredOptions = {
  /** The largest batch. */
  readonly most: number
  /** How many batches may be under way at once; a further one only starts with at least `furtherLeast` waiting, and no fewer than are under way. Each takes its share of all. */
  readonly underWayMost: number
  readonly furtherLeast: number
}

type Waiting<Ask, Answer> = { readonly ask: Ask; readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }

/** How much of the crowd counts as still there one batch later, though not all of it was seen again. */
const STILL_THERE = 0.98

/**
 * Carries many small requests out together: what comes in one turn of the event loop, and what gathers while batches are under way, goes together, in its order,
 * and each gets its own answer. `carryOut` answers one for each, in their order; what it throws fails the whole batch.
 */
export function gathered<Ask, Answer>(
  carryOut: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
  { most, underWayMost, furtherLeast }: GatheredOptions,
): (ask: Ask) => Promise<Answer> {
  const waiting: Waiting<Ask, Answer>[] = []
  let underWay = 0
  /** Of all batches under way. */
  let asksUnderWay = 0
  /** About how many ask at a time: the most that were there together lately. */
  let crowd = 0
  let isLooking = false

  /**
   * Batches of a size take turns: while one is carried out, those who were answered with the one before ask again. A large one with a small one behind it would
   * let them wait for each other in turn, and it would stay so; so each takes its share of the crowd and no more, and a further one waits until it is as large.
   */
  function next(): void {
    // Of an odd crowd, one of the shares is smaller by one.
    while (underWay < underWayMost && waiting.length >= (underWay === 0 ? 1 : Math.max(furtherLeast, asksUnderWay - 1))) {
      crowd = Math.max(waiting.length + asksUnderWay, crowd * STILL_THERE)
      // What is too few for two goes together: the rest would wait for a whole batch to end.
      const share = waiting.length < 2 * furtherLeast ? waiting.length : Math.ceil(crowd / underWayMost)
      underWay += 1
      void carry(waiting.splice(0, Math.min(most, share)))
    }
  }

  /** Once all that came in this turn of the event loop is waiting: what comes first would go by itself, and a batch of one costs as much as one of ten. */
  function lookAfterThisTurn(): void {
    if (isLooking) return
    isLooking = true
    setImmediate(() => {
      isLooking = false
      next()
    })
  }

  async function carry(batch: readonly Waiting<Ask, Answer>[]): Promise<void> {
    asksUnderWay += batch.length
    const outcome = await carryOut(batch.map(one => one.ask)).then(
      answers => ({ answers }),
      (error: unknown) => ({ error }),
    )
    underWay -= 1
    asksUnderWay -= batch.length
    // Whoever carries out goes on while we answer.
    next()
    if ('error' in outcome) for (const one of batch) one.reject(outcome.error)
    else if (outcome.answers.length === batch.length) for (const [at, one] of batch.entries()) one.resolve(outcome.answers[at] as Answer)
    else for (const one of batch) one.reject(new Error(`${batch.length} requests got ${outcome.answers.length} answers`))
  }

  return ask =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject })
      lookAfterThisTurn()
    })
}
