// The desk's script, part 4: picking one order, or several together.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk

  desk.plain = code =>
    code
      .trim()
      .toUpperCase()
      .replace(/^0+(?=\d)/, '')
  const isOf = (line, code) =>
    desk.plain(line.sku) === desk.plain(code) || (line.gtin !== null && desk.plain(line.gtin) === desk.plain(code))
  const missing = line => line.open - line.picked

  const take = (group, line, units) => {
    desk.beep(true)
    desk.act(group, { kind: 'pick', lines: [{ lineId: line.lineId, picked: units }] })
  }

  /** A scanned code while picking: the next unit of that line. Answers false where nothing open has this code. */
  desk.scanPick = (groups, code) => {
    for (const group of groups) {
      const line = group.lines.find(one => missing(one) > 0 && isOf(one, code))
      if (line === undefined) continue
      take(group, line, 1)
      return true
    }
    return false
  }

  const lose = (group, line, kind) => {
    const units = missing(line)
    const parts = line.parts.map(part => part.sku)
    const send = (n, sku) => {
      desk.dialog = null
      const lost = kind === 'short' ? { short: n, left: 0 } : { damaged: n }
      desk.act(group, { kind: 'pick', lines: [{ lineId: line.lineId, ...lost, ...(sku === undefined ? {} : { sku }) }] })
    }
    desk.dialog = () => [
      h('h2', {}, say(kind === 'short' ? 'shortAsk' : 'damagedAsk', { sku: line.sku })),
      h('p.desk-note', {}, say(kind === 'short' ? 'shortHint' : 'damagedHint')),
      parts.length > 0 && h('p', {}, say('whichPart')),
      (parts.length > 0 ? parts : [undefined]).map(sku =>
        h(
          '.desk-numbers',
          {},
          sku && h('span.sku', {}, sku),
          Array.from({ length: Math.min(units, 12) }, (_, n) =>
            h('button.desk-button', { type: 'button', onclick: () => send(n + 1, sku) }, String(n + 1)),
          ),
        ),
      ),
      h('button.desk-button.plain', { type: 'button', onclick: () => desk.close() }, say('cancel')),
    ]
    desk.render()
  }

  const lineRow = (group, line, box) => {
    const left = missing(line)
    const button = (word, onclick, more = '') => h(`button.desk-button${more}`, { type: 'button', onclick }, word)
    return h(
      `li.desk-line${left === 0 ? '.full' : ''}`,
      { 'data-line': line.lineId },
      h('.desk-count', {}, h('b', {}, `${line.picked}/${line.open}`), box && h('span', {}, say('box', { box }))),
      h(
        '.desk-what',
        {},
        h('strong', {}, line.title),
        h('span.sku', {}, [line.sku, line.gtin].filter(Boolean).join(' · ')),
        line.parts.length > 0 &&
          h('span.sub', {}, say('set', { parts: line.parts.map(part => `${part.quantity} × ${part.sku}`).join(', ') })),
      ),
      h(
        '.desk-acts',
        {},
        left > 0 && button(say('short'), () => lose(group, line, 'short'), '.warn'),
        left > 0 && button(say('damaged'), () => lose(group, line, 'damaged'), '.warn'),
        line.picked > 0 && button(say('undo'), () => desk.act(group, { kind: 'put_back', lines: [{ lineId: line.lineId, quantity: 1 }] })),
        left > 1 && button(say('allOf', { n: left }), () => take(group, line, left)),
        left > 0 && button(say('one'), () => take(group, line, 1), '.main'),
      ),
    )
  }

  const readyButton = group =>
    h(
      'button.desk-button.main.wide',
      {
        type: 'button',
        onclick: () => {
          desk.act(group, { kind: 'ready' })
          location.hash = '#pick'
        },
      },
      say(group.method === 'collect' ? 'makeReady' : 'packed'),
    )

  /** Only while nothing was taken from the shelf: what was is to be put back first. */
  const rejectButton = group => {
    const ask = () => {
      desk.dialog = () => [
        h('h2', {}, say('rejectAsk', { number: group.number })),
        h('p.desk-note', {}, say('rejectHint')),
        [
          ['busy', 'busy'],
          ['closing', 'closing'],
          ['other', 'otherReason'],
        ].map(([reason, word]) =>
          h(
            'p',
            {},
            h(
              'button.desk-button.wide',
              {
                type: 'button',
                onclick: () => {
                  desk.dialog = null
                  desk.act(group, { kind: 'reject', reason })
                },
              },
              say(word),
            ),
          ),
        ),
        h('button.desk-button.plain', { type: 'button', onclick: () => desk.close() }, say('cancel')),
      ]
      desk.render()
    }
    return h('p.desk-bar', {}, h('button.desk-button.plain', { type: 'button', onclick: ask }, say('reject')))
  }

  desk.views.group = id => {
    const group = desk.groups.find(one => String(one.id) === id)
    if (!group || !desk.isOpen(group) || group.lines.every(line => line.open === 0)) return null
    const isWhole = group.lines.every(line => missing(line) === 0)
    return [
      h('.desk-head', {}, desk.headOf(group)),
      group.isHeld && h('p.desk-note.bad', {}, say('heldHint')),
      h('ul.desk-lines', {}, group.isHeld ? [] : group.lines.filter(line => line.open > 0).map(line => lineRow(group, line))),
      isWhole && h('p.desk-note.good', {}, `✓ ${say('pickedWhole')}`),
      isWhole && !group.isHeld && readyButton(group),
      desk.pickedOf(group.lines) === 0 && !group.isHeld && rejectButton(group),
    ]
  }

  desk.views.wave = () => {
    const groups = desk.wave()
    if (groups.length === 0) return null
    const rows = groups.flatMap((group, index) =>
      group.lines.filter(line => line.open > 0).map(line => ({ group, line, box: desk.boxOf(index) })),
    )
    // One way through the store: the same goods together, what is still missing first.
    rows.sort(
      (a, b) =>
        Number(missing(a.line) === 0) - Number(missing(b.line) === 0) || a.line.sku.localeCompare(b.line.sku) || a.box.localeCompare(b.box),
    )
    return [
      h(
        'ul.desk-lines',
        {},
        rows.map(({ group, line, box }) => lineRow(group, line, box)),
      ),
      h(
        '.desk-boxes',
        {},
        groups.map((group, index) =>
          h(
            '.desk-card.still',
            {},
            h('div', {}, h('b', {}, say('box', { box: desk.boxOf(index) })), desk.headOf(group)),
            group.lines.every(line => missing(line) === 0)
              ? h(
                  'button.desk-button.main',
                  { type: 'button', onclick: () => desk.act(group, { kind: 'ready' }) },
                  say(group.method === 'collect' ? 'makeReady' : 'packed'),
                )
              : h('span.desk-go', {}, say('pickedOf', { n: desk.pickedOf(group.lines), m: desk.unitsOf(group.lines) })),
          ),
        ),
      ),
    ]
  }
})(globalThis.concordDesk)
