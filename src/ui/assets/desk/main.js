// The desk's script, part 9: what is shown where, and the scanner, which types like a keyboard and ends with Enter.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk
  const tabs = ['pick', 'ready', 'counter', 'missing', 'coming', 'back', 'refused']
  const counts = {
    pick: () => desk.toPick().length,
    ready: () => desk.ready().length,
    missing: () => desk.missing.length,
    coming: () => desk.coming().length,
    back: () => desk.backs().length,
    refused: () => desk.refused.length,
  }
  const words = {
    pick: 'toPick',
    ready: 'ready',
    counter: 'counter',
    missing: 'missing',
    coming: 'coming',
    back: 'putBack',
    refused: 'refused',
  }
  /** Where a page goes back to, and where it goes when what it shows is done. */
  const homes = { group: 'pick', instead: 'missing', wave: 'pick', hand: 'ready', who: 'pick' }
  let message = null

  const here = () => {
    const [view = 'pick', id] = (location.hash.slice(1) || 'pick').split('/')
    return desk.views[view] ? { view, id } : { view: 'pick' }
  }

  desk.close = () => {
    desk.dialog = null
    desk.render()
  }

  desk.render = () => {
    const { view, id } = here()
    const body = desk.views[view](id)
    if (body === null) {
      location.hash = `#${homes[view] ?? 'pick'}`
      return
    }
    const tab = homes[view] ?? view
    const focused = document.activeElement
    const focus =
      focused?.id && desk.root.contains(focused) && !desk.dialog
        ? { id: focused.id, at: focused.selectionStart, value: focused.value }
        : null
    desk.root.replaceChildren(
      ...desk.shown([
        h(
          'nav.desk-tabs',
          { 'aria-label': say('toPick') },
          tabs
            .filter(one => !['refused', 'coming', 'missing'].includes(one) || counts[one]() > 0)
            .map(one =>
              h(
                `a${one === 'refused' || one === 'missing' || (one === 'back' && counts.back() > 0) ? '.bad' : ''}`,
                { href: `#${one}`, 'aria-current': one === tab && view !== 'who' ? 'page' : null },
                say(words[one]),
                counts[one] && h('b', {}, `${counts[one]()}${one === 'missing' && (desk.missingNext || desk.missingAfter > 0) ? '+' : ''}`),
              ),
            ),
        ),
        linkBar(),
        message && h(`p.desk-note.${message.tone}`, { role: 'status' }, message.text),
        homes[view] && h('p.desk-bar', {}, h('a.desk-button.plain', { href: `#${homes[view]}` }, `‹ ${say('cancel')}`)),
        h('section.desk-view', { id: `desk-${view}` }, body),
        desk.dialog &&
          h(
            '.desk-over',
            { onclick: event => event.target === event.currentTarget && desk.close() },
            h('.desk-dialog', { role: 'dialog', 'aria-modal': 'true' }, desk.dialog()),
          ),
      ]),
    )
    // What somebody is typing stays, whatever comes in meanwhile.
    const again = focus && document.getElementById(focus.id)
    if (again) {
      if (focus.id !== 'desk-code') again.value = focus.value
      again.focus()
      if (again.type !== 'password' && focus.at !== null) again.setSelectionRange(focus.at, focus.at)
    } else desk.root.querySelector('[autofocus]')?.focus()
  }

  const linkBar = () => {
    const waits = desk.queue.length
    if (desk.link === 'ended')
      return h('p.desk-link.bad', { role: 'alert' }, say('ended'), ' ', h('a', { href: '/login?next=/desk' }, say('login')))
    if (desk.link === 'off') {
      const time =
        desk.workAt && new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short' }).format(new Date(desk.workAt))
      const text = [say(waits === 0 ? 'offlineNone' : 'offline', { n: waits }), time && say('asOf', { time })].filter(Boolean).join(' · ')
      return h('p.desk-link.bad', { role: 'status', id: 'desk-link' }, `! ${text}`)
    }
    if (waits > 0) return h('p.desk-link.wait', { role: 'status', id: 'desk-link' }, say('sending', { n: waits }))
    return h('p.desk-link', { role: 'status', id: 'desk-link' }, `● ${say('online')}`)
  }

  const tell = (tone, text) => {
    message = { tone, text }
    desk.beep(tone !== 'bad')
    desk.render()
  }

  async function scanned(text) {
    message = null
    const { view, id } = here()
    const group = desk.groups.find(one => String(one.id) === id)
    if (view === 'group' && group && desk.scanPick([group], text)) return
    if (view === 'wave' && desk.scanPick(desk.wave(), text)) return
    if (view === 'instead') return desk.scanInstead(id, text)
    if (view === 'counter') return desk.scanCounter(text)
    const code = desk.readCode(text)
    if (view === 'hand' && group && code && (code.groupId ?? group.id) === group.id) return desk.takeCode(group, code.code)
    const byCode = code && (code.groupId === null ? await desk.findByCode(code.code) : desk.ready().find(one => one.id === code.groupId))
    if (byCode) {
      location.hash = `#hand/${byCode.id}`
      return desk.takeCode(byCode, code.code)
    }
    const byNumber = desk.groups.find(one => one.number.toUpperCase() === text.toUpperCase())
    if (byNumber && byNumber.state !== 'done') {
      if (byNumber.state === 'sent') location.hash = '#coming'
      else location.hash = byNumber.state === 'ready' ? `#hand/${byNumber.id}` : `#group/${byNumber.id}`
      return
    }
    tell('bad', say('unknownCode', { code: text }))
  }

  let typed = ''
  let typedAt = 0
  addEventListener('keydown', event => {
    if (event.target.closest?.('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') {
      const text = typed
      typed = ''
      if (text.length < 2) return
      // Else the Enter of a scan presses the button that was touched last.
      event.preventDefault()
      void scanned(text)
    } else if (event.key.length === 1) {
      // A pause begins a new code: a key that somebody leaned on must not stand before it.
      if (event.timeStamp - typedAt > 1_500) typed = ''
      typedAt = event.timeStamp
      typed += event.key
      if (event.key === ' ') event.preventDefault()
    }
  })
  document.getElementById('desk-scan')?.addEventListener('submit', event => {
    event.preventDefault()
    const field = event.target.elements.code
    const text = field.value.trim()
    field.value = ''
    if (text) void scanned(text)
  })

  addEventListener('hashchange', () => {
    desk.dialog = null
    message = null
    desk.render()
    scrollTo(0, 0)
  })
  setInterval(() => {
    for (const mark of desk.root.querySelectorAll('[data-time]')) {
      const group = desk.groups.find(one => String(one.id) === mark.dataset.time)
      if (!group) continue
      const { text, tone } = desk.timeOf(group)
      mark.textContent = `${tone === 'bad' ? '! ' : ''}${text}`
      mark.className = `desk-mark${tone ? ` ${tone}` : ''}`
    }
  }, 10_000)
  desk.load().then(() => desk.flush())
})(globalThis.concordDesk)
