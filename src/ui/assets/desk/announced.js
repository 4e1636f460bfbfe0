// The desk's script, part 8: goods that a buyer announced to bring back, taken in by their own return. All of it, line by line as it looks: taking it in ends what was announced, so
// that of what came only in part the office decides.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk
  /** What is being looked at: a return, the look at each of its lines, and the key that it is sent under. */
  let state = { returnId: null, looks: {}, key: null }

  const looksOf = ({ returnId }) => (state.returnId === returnId ? state.looks : {})
  const look = (one, lineId, word) => {
    state = { returnId: one.returnId, looks: { ...looksOf(one), [lineId]: word }, key: desk.key() }
    desk.render()
  }

  /** What is announced of an order, each with its goods and the button that takes it in; `send` asks the hub. */
  desk.announced = (order, isBusy, send) =>
    order.returns.map(one => {
      const looks = looksOf(one)
      const units = one.lines.reduce((sum, line) => sum + line.units, 0)
      const isReady = one.lines.every(({ lineId }) => looks[lineId])
      const chosen = () => one.lines.map(({ lineId }) => ({ lineId, look: looks[lineId] }))
      return h(
        'section.desk-announced',
        { id: `return-${one.returnId}` },
        h('h2', {}, say('announcedTitle', { n: units })),
        h('p.desk-note', {}, say('announcedHint')),
        h(
          'ul.desk-lines',
          {},
          one.lines.map(line =>
            h(
              `li.desk-line${looks[line.lineId] ? '.full' : ''}`,
              {},
              h('.desk-count', {}, h('b', {}, String(line.units))),
              h('.desk-what', {}, h('strong', {}, line.title), h('span.sku', {}, line.sku)),
              h(
                '.desk-acts',
                {},
                ['stock', 'unavailable', 'scrap'].map(word =>
                  h(
                    `button.desk-button${looks[line.lineId] === word ? '.chosen' : ''}`,
                    {
                      type: 'button',
                      'aria-pressed': looks[line.lineId] === word ? 'true' : 'false',
                      onclick: () => look(one, line.lineId, word),
                    },
                    desk.words.looks[word],
                  ),
                ),
              ),
            ),
          ),
        ),
        h(
          'p.desk-bar',
          {},
          h(
            'button.desk-button.main.wide',
            {
              type: 'button',
              disabled: !isReady || isBusy || desk.link !== 'on',
              onclick: () => send('/desk/return', { key: state.key, orderId: order.orderId, returnId: one.returnId, lines: chosen() }),
            },
            say('takeIn', { n: units }),
          ),
        ),
      )
    })

  /** Whether a code stands on goods that were announced. */
  desk.isAnnounced = (order, isOf) => order?.returns.some(one => one.lines.some(isOf)) ?? false
})(globalThis.concordDesk)
