// The desk's script, part 3: the lists.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk
  const WAVE_MOST = 8

  desk.isOpen = group => group.state === 'waiting' || group.state === 'picking'
  desk.toPick = () => desk.groups.filter(group => desk.isOpen(group) && desk.unitsOf(group.lines) > 0)
  desk.ready = () => desk.groups.filter(group => group.state === 'ready')
  /** On its way to this store. What this store has sent is gone from here. */
  desk.coming = () => desk.groups.filter(group => group.state === 'sent' && group.from)
  desk.backs = () => desk.groups.flatMap(group => group.lines.filter(line => line.putBack > 0).map(line => ({ group, line })))

  /** What is said of an order wherever it stands: who, from where, until when. */
  desk.headOf = (group, isNamed = true) => {
    const time = desk.timeOf(group)
    return [
      h('.desk-who', {}, h('strong', {}, say('order', { number: group.number })), isNamed && h('span', {}, desk.nameOf(group))),
      h(
        '.desk-marks',
        {},
        group.isHeld && h('span.desk-mark.bad', {}, `‖ ${say('held')}`),
        group.bay && h('span.desk-mark.move', {}, `▸ ${say('waits', { bay: group.bay })}`),
        group.method !== 'collect' && h('span.desk-mark', {}, group.to ? say('sendTo', { place: group.to }) : say('send')),
        time.text &&
          h(
            `span.desk-mark${time.tone ? `.${time.tone}` : ''}`,
            { 'data-time': group.id },
            `${time.tone === 'bad' ? '! ' : ''}${time.text}`,
          ),
        h('span.desk-from', {}, group.channel),
      ),
    ]
  }

  const card = (group, href, detail, word) =>
    h(
      'a.desk-card',
      { href, id: `group-${group.id}` },
      h('div', {}, desk.headOf(group), h('p.desk-detail', {}, detail)),
      h('span.desk-go', {}, word),
    )

  const named = lines => lines.map(line => `${line.open > 1 ? `${line.open} × ` : ''}${line.title}`).join(', ')

  desk.views.pick = () => {
    const groups = desk.toPick()
    if (groups.length === 0) return [h('p.desk-empty', {}, say('noneToPick'))]
    const wave = groups.filter(group => !group.isHeld).slice(0, WAVE_MOST)
    return [
      wave.length > 1 && h('p.desk-bar', {}, h('a.desk-button', { href: '#wave' }, say('wave', { n: wave.length }))),
      groups.map(group => {
        const [picked, units] = [desk.pickedOf(group.lines), desk.unitsOf(group.lines)]
        const detail = `${picked > 0 ? say('pickedOf', { n: picked, m: units }) : desk.unitsText(units)} · ${named(group.lines)}`
        return card(group, `#group/${group.id}`, detail, say(picked > 0 ? 'goOn' : 'start'))
      }),
    ]
  }

  desk.views.ready = () => {
    const groups = desk.ready().toSorted((a, b) => Number(b.bay !== null) - Number(a.bay !== null))
    if (groups.length === 0) return [h('p.desk-empty', {}, say('noneReady'))]
    return groups.map(group =>
      card(group, `#hand/${group.id}`, `${desk.unitsText(desk.unitsOf(group.lines))} · ${named(group.lines)}`, say('handOver')),
    )
  }

  desk.views.coming = () => {
    const groups = desk.coming()
    if (groups.length === 0) return [h('p.desk-empty', {}, say('noneComing'))]
    return [
      h('p.desk-note', {}, say('comingHint')),
      groups.map(group =>
        h(
          '.desk-card.still',
          { id: `group-${group.id}` },
          h(
            'div',
            {},
            h('.desk-who', {}, h('strong', {}, say('order', { number: group.number })), h('span', {}, desk.nameOf(group))),
            h('p.desk-detail', {}, say('comesFrom', { place: group.from })),
            h(
              'p.desk-detail',
              {},
              desk.unitsOf(group.lines) === 0 ? say('notWanted') : `${desk.unitsText(desk.unitsOf(group.lines))} · ${named(group.lines)}`,
            ),
          ),
          h('button.desk-button.main', { type: 'button', onclick: () => desk.act(group, { kind: 'receive' }) }, say('arrived')),
        ),
      ),
    ]
  }

  desk.views.back = () => {
    const backs = desk.backs()
    if (backs.length === 0) return [h('p.desk-empty', {}, say('nonePutBack'))]
    return [
      h('p.desk-note', {}, say('putBackWhy')),
      backs.map(({ group, line }) =>
        h(
          '.desk-card.still',
          {},
          h(
            'div',
            {},
            h('.desk-who', {}, h('strong', {}, line.title), h('span.sku', {}, line.sku)),
            h('p.desk-detail', {}, say('order', { number: group.number })),
          ),
          h(
            'button.desk-button.main',
            {
              type: 'button',
              onclick: () => desk.act(group, { kind: 'put_back', lines: [{ lineId: line.lineId, quantity: line.putBack }] }),
            },
            say('putBackDo', { n: line.putBack }),
          ),
        ),
      ),
    ]
  }

  desk.views.refused = () =>
    desk.refused.map(one =>
      h(
        '.desk-card.still.bad',
        {},
        h(
          'div',
          {},
          h('.desk-who', {}, h('strong', {}, say('order', { number: one.number })), h('span', {}, desk.words.acts[one.kind])),
          h('p.desk-detail', {}, one.words),
        ),
        h('button.desk-button', { type: 'button', onclick: () => desk.dismiss(one.key) }, say('dismiss')),
      ),
    )

  desk.wave = () =>
    desk
      .toPick()
      .filter(group => !group.isHeld)
      .slice(0, WAVE_MOST)
  desk.boxOf = index => String.fromCharCode(65 + index)
})(globalThis.concordDesk)
