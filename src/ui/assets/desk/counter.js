// The desk's script, part 6: what somebody brings back to the counter: exchanged at once, or only taken back. The hub decides it there and then; nothing of it waits on the device,
// and nothing is kept of it.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk
  const UNITS_MOST = 12
  let state = { orders: null }

  /** Asks the hub for something now; answers null where it gave no answer. */
  desk.askNow = async (path, body) => {
    await desk.flush()
    const sent = body && {
      method: 'POST',
      body: JSON.stringify({ store: desk.store, ...body }),
      headers: { 'content-type': 'application/json', 'x-csrf-token': desk.csrf },
    }
    return desk.ask(path, sent ?? {}).then(
      ({ status, body: told }) => (status < 400 ? told : { refused: told.detail ?? say('needsNetwork') }),
      error => desk.lost(error),
    )
  }

  const change = more => {
    Object.assign(state, more, { trouble: null })
    desk.render()
  }
  const order = () => state.orders?.find(one => one.orderId === state.orderId)
  const line = () => order()?.lines.find(one => one.lineId === state.lineId)

  const find = async text => {
    state = { orders: null, isBusy: true }
    desk.render()
    const told = await desk.askNow(`/desk/bought?store=${encodeURIComponent(desk.store)}&order=${encodeURIComponent(text.slice(0, 120))}`)
    const orders = told?.orders ?? null
    state = { orders, orderId: orders?.length === 1 ? orders[0].orderId : null }
    if (told === null) state.trouble = say('needsNetwork')
    else if (orders === null) state.trouble = told.refused
    else if (orders.length === 0) state.trouble = say('noSuchOrder', { number: text })
    desk.beep(!state.trouble)
    const out = order()?.lines.filter(one => one.out > 0) ?? []
    if (out.length === 1) choose(out[0])
    desk.render()
  }

  // A key of its own for what is chosen now: asked again after a lost answer, it counts once; chosen otherwise, it is another act.
  const choose = one => change({ lineId: one.lineId, quantity: 1, look: null, goes: undefined, key: desk.key(), done: null })
  const pick = more => change({ ...more, key: desk.key() })

  const send = async (path, asked) => {
    change({ isBusy: true })
    const told = await desk.askNow(path, asked)
    state.isBusy = false
    desk.beep(Boolean(told?.done))
    if (told?.done) state = { orders: null, done: told.done }
    else state.trouble = told?.refused ?? say('needsNetwork')
    desk.render()
  }
  const sendChosen = () => {
    const { orderId, lineId, quantity, look, goes, key } = state
    return send('/desk/counter', { key, orderId, lineId, quantity, look, goes })
  }

  const isOf = (one, code) => [one.sku, one.gtin].some(known => known && desk.plain(known) === desk.plain(code))

  /** A scanned code at the counter: goods of the order that is open, what goes out for them, or another order. */
  desk.scanCounter = code => {
    const goods = line()?.goods.find(one => one.here > 0 && isOf(one, code))
    const lines = order()?.lines.filter(one => one.out > 0 && isOf(one, code)) ?? []
    if (goods && state.look) pick({ goes: goods.sku })
    else if (lines.length > 0) choose(lines[0])
    else if (!desk.isAnnounced(order(), one => isOf(one, code))) return void find(code)
    desk.beep(true)
  }

  const option = (isChosen, onclick, word, more = '', isOff = false) =>
    h(
      `button.desk-button${more}${isChosen ? '.chosen' : ''}`,
      { type: 'button', 'aria-pressed': isChosen ? 'true' : 'false', disabled: isOff, onclick },
      word,
    )

  const orderCard = one =>
    h(
      'button.desk-card',
      { type: 'button', onclick: () => change({ orderId: one.orderId }) },
      h(
        'div',
        {},
        h('.desk-who', {}, h('strong', {}, say('order', { number: one.number })), h('span', {}, one.channel)),
        h('p.desk-detail', {}, dayOf(one)),
      ),
      h('span.desk-go', {}, say('choose')),
    )

  const dayOf = one =>
    say('boughtOn', { day: new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium' }).format(new Date(one.placedAt)) })

  /** What is announced as a whole stands above, with its return. */
  const isRest = one => one.out > 0 || one.announced === 0

  const lineRow = one =>
    h(
      `li.desk-line${one.lineId === state.lineId ? '.full' : ''}`,
      {},
      h('.desk-count', {}, h('b', {}, String(one.out))),
      h(
        '.desk-what',
        {},
        h('strong', {}, one.title),
        h('span.sku', {}, one.sku),
        one.announced > 0 && h('span.sub', {}, say('announced', { n: one.announced })),
      ),
      one.out > 0 &&
        h(
          '.desk-acts',
          {},
          one.lineId === state.lineId
            ? option(true, () => choose(one), `✓ ${say('chosen')}`)
            : option(false, () => choose(one), say('choose'), '.main'),
        ),
    )

  const choices = one => {
    const goods = state.look === null ? [] : one.goods
    const isReady = state.look !== null && state.goes !== undefined
    const goes = one.goods.find(each => each.sku === state.goes)
    return [
      one.out > 1 && h('h2', {}, say('howMany')),
      one.out > 1 &&
        h(
          '.desk-numbers',
          {},
          Array.from({ length: Math.min(one.out, UNITS_MOST) }, (_, n) =>
            option(state.quantity === n + 1, () => pick({ quantity: n + 1, goes: undefined }), String(n + 1)),
          ),
        ),
      h('h2', {}, say('howIsIt')),
      h(
        '.desk-numbers',
        {},
        ['stock', 'unavailable', 'scrap'].map(look => option(state.look === look, () => pick({ look }), desk.words.looks[look])),
      ),
      state.look !== null && h('h2', {}, say('whatGoes')),
      state.look !== null &&
        h(
          '.desk-people',
          {},
          goods.map(each =>
            option(
              state.goes === each.sku,
              () => pick({ goes: each.sku }),
              [h('span', {}, each.title), h('small', {}, `${each.sku} · ${say('hereNow', { n: each.here })}`)],
              '.goods',
              each.here < state.quantity,
            ),
          ),
          option(
            state.goes === null,
            () => pick({ goes: null }),
            [h('span', {}, say('nothing')), h('small', {}, say('nothingHint'))],
            '.goods',
          ),
        ),
      isReady &&
        h(
          'p.desk-bar',
          {},
          h(
            'button.desk-button.main.wide',
            { type: 'button', disabled: state.isBusy || desk.link !== 'on', onclick: () => void sendChosen() },
            state.goes === null ? say('takeBack', { n: state.quantity }) : say('exchangeNow', { n: state.quantity, goods: goes?.title }),
          ),
        ),
    ]
  }

  desk.views.counter = () => {
    const found = order()
    const chosen = line()
    return [
      state.done && h('p.desk-note.good', { role: 'status' }, `✓ ${state.done}`),
      state.trouble && h('p.desk-note.bad', { role: 'alert' }, `! ${state.trouble}`),
      desk.link !== 'on' && !state.trouble && h('p.desk-note.bad', {}, `! ${say('needsNetwork')}`),
      h(
        'form.desk-find',
        {
          onsubmit: event => {
            event.preventDefault()
            const text = event.target.elements.order.value.trim()
            // Whoever has just typed a number scans into its field, too.
            event.target.reset()
            if (text) desk.scanCounter(text)
          },
        },
        h('label', { for: 'desk-bought' }, say('bought')),
        h('input', { id: 'desk-bought', name: 'order', maxlength: '120', autocomplete: 'off' }),
        h('button.desk-button.main', { type: 'submit', disabled: state.isBusy }, say('find')),
      ),
      state.orders?.length > 1 && !found && state.orders.map(orderCard),
      found &&
        h(
          '.desk-head',
          {},
          h('.desk-who', {}, h('strong', {}, say('order', { number: found.number })), h('span', {}, `${found.channel} · ${dayOf(found)}`)),
        ),
      found?.returns.length === 0 && found.lines.every(one => one.out === 0) && h('p.desk-note', {}, say('nothingOut')),
      found && desk.announced(found, state.isBusy, (path, asked) => void send(path, asked)),
      found && h('ul.desk-lines', {}, found.lines.filter(isRest).map(lineRow)),
      chosen && choices(chosen),
    ]
  }
})(globalThis.concordDesk)
