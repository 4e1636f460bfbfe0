// The desk's script, part 2: acts wait on the device until the hub has answered each, in their order, each under a key of its own.
;(desk => {
  if (!desk.root) return
  const RETRY_MS = 3_000
  const POLL_MS = 5_000
  const TIMEOUT_MS = 12_000
  const STORE = `concord-desk:${desk.store}`

  const memory = {}
  const kept = name => {
    try {
      return JSON.parse(localStorage.getItem(`${STORE}:${name}`)) ?? []
    } catch {
      // A browser that keeps nothing still has the page.
      return memory[name] ?? []
    }
  }
  const keep = (name, value) => {
    memory[name] = value
    desk[name] = value
    try {
      localStorage.setItem(`${STORE}:${name}`, JSON.stringify(value))
    } catch {
      // As above.
    }
  }

  // No name of a buyer is among it: an act is ids, numbers and a key.
  desk.queue = kept('queue')
  desk.refused = kept('refused')
  desk.link = 'on'
  // For a page that opens while the network is gone: the work as it was last known, without names of people.
  const last = kept('work')
  desk.groups = last.groups ?? []
  // What only the hub knows: nothing of it is kept.
  desk.missing = []
  /** The pages of what is missing: the line after which this one begins, and the next; 0: the first, null: the last. */
  desk.missingAfter = 0
  desk.missingNext = null
  desk.workAt = last.at ?? null
  desk.clockMs = 0

  const keepWork = (groups, at) =>
    desk.isLeft || keep('work', { at, groups: groups.map(group => ({ ...group, buyer: null, collector: null, isKept: true })) })
  desk.forgetWork = () => keep('work', [])

  desk.ask = async (path, options = {}) => {
    const response = await fetch(path, {
      ...options,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
      headers: { accept: 'application/json', ...options.headers },
    })
    // Also a token of before the switch to somebody else: the page is to be loaded anew, and what waits stays.
    if (response.status === 401 || response.status === 403) throw Object.assign(new Error('ended'), { ended: true })
    if (response.status >= 500) throw new Error(String(response.status))
    return { status: response.status, body: await response.json() }
  }

  /** Does an act here and now, and sees to it that the hub learns of it. */
  desk.act = (group, deed) => {
    const act = { key: desk.key(), groupId: group.id, number: group.number, at: new Date().toISOString(), deed }
    // Another tab of the device may have put something behind it meanwhile.
    keep('queue', [...kept('queue'), act])
    // What was asked for before knows nothing of it.
    loads += 1
    desk.apply(act)
    desk.render()
    void desk.flush()
  }

  desk.dismiss = key => {
    keep(
      'refused',
      kept('refused').filter(one => one.key !== key),
    )
    desk.render()
  }

  /** The hub gave no answer. */
  desk.lost = error => {
    const link = error.ended ? 'ended' : 'off'
    if (desk.link !== link) {
      desk.link = link
      desk.render()
    }
    return null
  }

  let busy = null
  let loads = 0
  /** Sends what waits. One at a time: an act may stand on the one before it. */
  desk.flush = () => {
    busy ??= send().finally(() => {
      busy = null
    })
    return busy
  }

  async function send() {
    do {
      while (desk.queue.length > 0) if (!(await sendOne(desk.queue[0]))) return
      await desk.load()
    } while (desk.queue.length > 0)
  }

  /** Answers false where the hub gave no answer: the act stays, and is sent again under its key. */
  async function sendOne(act) {
    let answer
    try {
      const body = JSON.stringify({ store: desk.store, key: act.key, groupId: act.groupId, deed: act.deed })
      const headers = { 'content-type': 'application/json', 'x-csrf-token': desk.csrf }
      answer = await desk.ask('/desk/acts', { method: 'POST', body, headers })
    } catch (error) {
      desk.lost(error)
      return false
    }
    keep(
      'queue',
      kept('queue').filter(one => one.key !== act.key),
    )
    const words = answer.body.refused ?? (answer.status >= 400 ? (answer.body.detail ?? '') : undefined)
    if (words !== undefined) {
      const { key, groupId, number, deed } = act
      keep('refused', [...kept('refused'), { key, groupId, number, kind: deed.kind, words }])
      desk.beep(false)
    } else if (!desk.isLeft && kept('work').groups) {
      // Should the page be loaded anew before the hub tells of it.
      const work = kept('work')
      desk.apply(act, work.groups)
      keep('work', work)
    }
    desk.link = 'on'
    return true
  }

  /** What is to be done, as the hub knows it now; what still waits here is laid over it. */
  desk.load = async () => {
    loads += 1
    const mine = loads
    try {
      const { status, body } = await desk.ask(`/desk/state?store=${encodeURIComponent(desk.store)}&after=${desk.missingAfter}`)
      // An answer that a later question has overtaken knows less than what is shown.
      if (mine !== loads) return
      if (status !== 200) throw new Error(String(status))
      desk.groups = body.groups
      // The last of this page were found: what is missing still stands before it.
      if (body.missing.length === 0 && desk.missingAfter > 0) {
        desk.missingAfter = 0
        return void (await desk.load())
      }
      desk.missing = body.missing
      desk.missingNext = body.missingNext
      desk.workAt = body.now
      keepWork(body.groups, body.now)
      desk.clockMs = Date.parse(body.now) - Date.now()
      desk.link = 'on'
      for (const act of desk.queue) desk.apply(act)
    } catch (error) {
      if (mine !== loads) return
      desk.link = error.ended ? 'ended' : 'off'
      if (error.ended) desk.forgetWork()
    }
    desk.render()
  }

  /** What an act makes of the groups here, before the hub has said so. */
  desk.apply = ({ groupId, deed }, groups = desk.groups) => {
    const group = groups.find(one => one.id === groupId)
    if (!group) return
    const lineOf = id => group.lines.find(one => one.lineId === id)
    if (deed.kind === 'pick') {
      group.state = 'picking'
      for (const pick of deed.lines) {
        const line = lineOf(pick.lineId)
        if (!line) continue
        line.picked += pick.picked ?? 0
        line.open -= (pick.short ?? 0) + (pick.damaged ?? 0)
      }
    } else if (deed.kind === 'put_back') {
      for (const { lineId, quantity } of deed.lines) {
        const line = lineOf(lineId)
        if (!line) continue
        if (line.putBack > 0) line.putBack -= quantity
        else line.picked -= quantity
      }
    } else if (deed.kind === 'reject') group.state = 'rejected'
    else if (deed.kind === 'ready') group.state = 'ready'
    else if (deed.kind === 'hand_over' || deed.kind === 'receive') group.state = 'done'
    else if (deed.kind === 'send') group.state = 'sent'
    // Until when is the hub's to say.
    else if (deed.kind === 'keep') group.collectBy = null
    else group.bay = deed.bay
  }

  for (const act of desk.queue) desk.apply(act)

  addEventListener('online', () => void desk.flush())
  setInterval(() => {
    if (desk.queue.length > 0) void desk.flush()
  }, RETRY_MS)
  setInterval(() => {
    if (!document.hidden && busy === null && desk.queue.length === 0) void desk.load()
  }, POLL_MS)
})(globalThis.concordDesk)
