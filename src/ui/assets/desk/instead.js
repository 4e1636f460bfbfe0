// The desk's script, part 7: what nobody has of an order, and other goods from the shelf instead. The hub decides it there and then, as it alone knows what is free.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk
  const UNITS_MOST = 12
  let told = null
  /** What was asked last, under its key: asked the same again after a lost answer, it counts once. */
  let last = null

  const lineOf = id => desk.missing.find(one => String(one.lineId) === id)

  const give = async ({ orderId, lineId }, code, quantity) => {
    const asked = { orderId, lineId, code, quantity }
    const isSame = last && JSON.stringify(last.asked) === JSON.stringify(asked)
    last = isSame ? last : { asked, key: desk.key() }
    desk.dialog = null
    told = null
    const answer = await desk.askNow('/desk/instead', { ...asked, key: last.key })
    desk.beep(Boolean(answer?.done))
    told = answer?.done ? { tone: 'good', text: `✓ ${answer.done}` } : { tone: 'bad', text: `! ${answer?.refused ?? say('needsNetwork')}` }
    if (answer !== null) {
      last = null
      await desk.load()
    }
    desk.render()
  }

  const ask = (line, sku, most) => {
    told = null
    desk.dialog = () => [
      h('h2', {}, say('insteadAsk', { sku, instead: line.sku })),
      h('p', {}, say('howMany')),
      h(
        '.desk-numbers',
        {},
        Array.from({ length: Math.min(line.units, most, UNITS_MOST) }, (_, n) =>
          h('button.desk-button', { type: 'button', onclick: () => void give(line, sku, n + 1) }, String(n + 1)),
        ),
      ),
      h('button.desk-button.plain', { type: 'button', onclick: () => desk.close() }, say('cancel')),
    ]
    desk.render()
  }

  /** A scanned code: what the rules offer, or whatever else a person holds in the hand. */
  desk.scanInstead = (id, code) => {
    const line = lineOf(id)
    const offer = line?.offers.find(one => [one.sku, one.gtin].some(known => known && desk.plain(known) === desk.plain(code)))
    if (line) ask(line, offer?.sku ?? code, offer?.here ?? UNITS_MOST)
  }

  const head = line =>
    h(
      'div',
      {},
      h('.desk-who', {}, h('strong', {}, line.title), h('span.sku', {}, line.sku)),
      h('p.desk-detail', {}, `${say('order', { number: line.number })} · ${say('missingOf', { n: line.units })}`),
    )
  const notes = () => [
    told && h(`p.desk-note.${told.tone}`, { role: told.tone === 'bad' ? 'alert' : 'status' }, told.text),
    desk.link !== 'on' && told?.tone !== 'bad' && h('p.desk-note.bad', {}, `! ${say('needsNetwork')}`),
  ]

  const turnTo = after => {
    told = null
    desk.missingAfter = after
    void desk.load()
  }
  const pages = () =>
    (desk.missingAfter > 0 || desk.missingNext) &&
    h(
      'p.desk-bar',
      {},
      desk.missingAfter > 0 && h('button.desk-button', { type: 'button', onclick: () => turnTo(0) }, say('firstOnes')),
      desk.missingNext && h('button.desk-button', { type: 'button', onclick: () => turnTo(desk.missingNext) }, say('nextOnes')),
    )

  desk.views.missing = () => [
    notes(),
    desk.missing.length === 0 ? h('p.desk-empty', {}, say('noneMissing')) : h('p.desk-note', {}, say('missingHint')),
    desk.missing.map(line => h('a.desk-card', { href: `#instead/${line.lineId}` }, head(line), h('span.desk-go', {}, say('instead')))),
    pages(),
  ]

  desk.views.instead = id => {
    const line = lineOf(id)
    if (!line) return null
    return [
      notes(),
      h('.desk-head', {}, head(line)),
      h('p.desk-note', {}, say(line.offers.length === 0 ? 'noOffer' : 'insteadHint')),
      h(
        '.desk-people',
        {},
        line.offers.map(one =>
          h(
            'button.desk-button.goods',
            { type: 'button', onclick: () => ask(line, one.sku, one.here) },
            h('span', {}, one.title),
            h('small', {}, `${one.sku} · ${say('hereNow', { n: one.here })}`),
          ),
        ),
      ),
      h(
        'form.desk-find',
        {
          onsubmit: event => {
            event.preventDefault()
            const text = event.target.elements.sku.value.trim()
            if (text) desk.scanInstead(id, text)
          },
        },
        h('label', { for: 'desk-instead-sku' }, say('insteadSku')),
        h('input', { id: 'desk-instead-sku', name: 'sku', maxlength: '120', autocomplete: 'off' }),
        h('button.desk-button', { type: 'submit' }, say('choose')),
      ),
    ]
  }
})(globalThis.concordDesk)
