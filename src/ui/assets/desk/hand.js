// The desk's script, part 5: handing over, and who is here.
;(desk => {
  if (!desk.root) return
  const { h, say } = desk
  let typed = { id: null, code: '', verdict: null, takenBy: 'buyer' }

  const of = id => {
    if (typed.id !== id) typed = { id, code: '', verdict: null, takenBy: 'buyer' }
    return typed
  }

  /** A code as it was scanned or typed: `P12-123456` names its group, six digits alone do not. */
  desk.readCode = text => {
    const found = /^(?:P?(\d{1,15})-)?(\d{6})$/i.exec(text.trim())
    return found ? { groupId: found[1] === undefined ? null : Number(found[1]), code: found[2] } : null
  }

  desk.takeCode = async (group, code) => {
    const state = of(String(group.id))
    state.code = code
    state.verdict = code.length === 6 ? await desk.isCode(group, code) : null
    if (state.verdict !== null) desk.beep(state.verdict)
    desk.render()
  }

  /** Whose code it is, of all that is ready here; null where the device cannot tell. */
  desk.findByCode = async code => {
    for (const group of desk.ready()) if (await desk.isCode(group, code)) return group
    return null
  }

  const handOver = (group, proof) => {
    const { code, takenBy } = of(String(group.id))
    desk.act(group, { kind: 'hand_over', proof, takenBy, ...(proof === 'code' ? { code } : {}) })
    location.hash = '#ready'
  }

  const whoTakes = (group, state) =>
    group.collector &&
    h(
      '.desk-numbers',
      {},
      ['buyer', 'other'].map(who =>
        h(
          `button.desk-button${state.takenBy === who ? '.chosen' : ''}`,
          {
            type: 'button',
            'aria-pressed': state.takenBy === who ? 'true' : 'false',
            onclick: () => {
              state.takenBy = who
              desk.render()
            },
          },
          who === 'buyer' ? `${say('buyer')}: ${desk.nameOf(group)}` : `${say('someone')}: ${group.collector}`,
        ),
      ),
    )

  desk.views.hand = id => {
    const group = desk.groups.find(one => String(one.id) === id)
    if (group?.state !== 'ready') return null
    if (group.method !== 'collect')
      return [
        h('.desk-head', {}, desk.headOf(group)),
        h('p.desk-note', {}, group.to ? say('parcelHint', { place: group.to }) : say('sendHint')),
        group.to &&
          h(
            'p.desk-bar',
            {},
            h(
              'button.desk-button.main.wide',
              {
                type: 'button',
                disabled: group.isHeld,
                onclick: () => {
                  desk.act(group, { kind: 'send' })
                  location.hash = '#ready'
                },
              },
              say('sentTo', { place: group.to }),
            ),
          ),
        h('p', {}, h('a.desk-button', { href: `/orders/${group.orderId}` }, say('order', { number: group.number }))),
      ]
    const state = of(id)
    const field = h('input.desk-code', {
      ...{
        id: 'desk-code',
        inputmode: 'numeric',
        autocomplete: 'off',
        maxlength: '6',
        value: state.code,
        'aria-label': say('code'),
        placeholder: '······',
      },
      oninput: event => void desk.takeCode(group, event.target.value.replace(/\D/g, '').slice(0, 6)),
    })
    const verdict =
      state.verdict === true
        ? h('p.desk-note.good', {}, `✓ ${say('codeRight')}`)
        : state.verdict === false
          ? h('p.desk-note.bad', {}, `! ${say('codeWrong')}`)
          : h('p.desk-note', {}, say('codeHint'))
    const isGiven = state.code.length === 6 && state.verdict !== false
    return [
      h('.desk-head', {}, desk.headOf(group, false)),
      h('p.desk-name', {}, desk.nameOf(group), group.collector && h('small', {}, `${say('named')}: ${group.collector}`)),
      whoTakes(group, state),
      group.isHeld && h('p.desk-note.bad', {}, say('heldHint')),
      group.codeLocked
        ? h('p.desk-note.bad', {}, say('codeLocked'))
        : h('.desk-proof', {}, h('label', { for: 'desk-code' }, say('code')), field, verdict),
      h(
        '.desk-bar',
        {},
        !group.codeLocked &&
          h(
            'button.desk-button.main.wide',
            { type: 'button', disabled: !isGiven || group.isHeld, onclick: () => handOver(group, 'code') },
            say('handOver'),
          ),
        h('button.desk-button.wide', { type: 'button', disabled: group.isHeld, onclick: () => handOver(group, 'identity') }, say('noCode')),
      ),
      h(
        'ul.desk-lines',
        {},
        group.lines
          .filter(line => line.open > 0)
          .map(line =>
            h(
              'li.desk-line',
              {},
              h('.desk-count', {}, h('b', {}, String(line.open))),
              h('.desk-what', {}, h('strong', {}, line.title), h('span.sku', {}, line.sku)),
            ),
          ),
      ),
      h('p.desk-bar', {}, h('button.desk-button', { type: 'button', onclick: () => desk.act(group, { kind: 'keep' }) }, say('keep'))),
      bayForm(group),
    ]
  }

  const bayForm = group =>
    h(
      'form.desk-bay',
      {
        onsubmit: event => {
          event.preventDefault()
          const bay = event.target.elements.bay.value.trim()
          if (bay) desk.act(group, { kind: 'arrive', bay: bay.slice(0, 40) })
        },
      },
      h('label', { for: 'desk-bay' }, say('bay')),
      h('input', {
        id: 'desk-bay',
        name: 'bay',
        maxlength: '40',
        autocomplete: 'off',
        placeholder: say('bayPlace'),
        value: group.bay ?? '',
      }),
      h('button.desk-button', { type: 'submit' }, say('here')),
      group.bay &&
        h('button.desk-button.plain', { type: 'button', onclick: () => desk.act(group, { kind: 'arrive', bay: null }) }, say('gone')),
    )

  /** Who works here now: the clerks of the store, and a PIN. What waits was done by whoever was here before, and is sent first. */
  desk.views.who = () => [
    h('h2', {}, say('switchTo')),
    desk.queue.length > 0 && h('p.desk-note.bad', {}, say('sendFirst')),
    desk.whoTrouble && h('p.desk-note.bad', { role: 'alert' }, desk.whoTrouble),
    desk.whoChosen
      ? h(
          'form.desk-proof',
          {
            onsubmit: event => {
              event.preventDefault()
              void switchTo(event.target.elements.pin.value)
            },
          },
          h('label', { for: 'desk-pin' }, say('pin', { name: desk.whoChosen.name })),
          h('input.desk-code', {
            id: 'desk-pin',
            name: 'pin',
            type: 'password',
            inputmode: 'numeric',
            maxlength: '8',
            autocomplete: 'off',
            required: true,
            autofocus: true,
          }),
          h(
            '.desk-numbers',
            {},
            h('button.desk-button.main', { type: 'submit' }, say('here')),
            h(
              'button.desk-button.plain',
              {
                type: 'button',
                onclick: () => {
                  desk.whoChosen = null
                  desk.render()
                },
              },
              say('cancel'),
            ),
          ),
        )
      : h(
          '.desk-people',
          {},
          desk.clerks.map(clerk =>
            h(
              'button.desk-button.wide',
              {
                type: 'button',
                onclick: () => {
                  desk.whoChosen = clerk
                  desk.whoTrouble = null
                  desk.render()
                },
              },
              clerk.name,
            ),
          ),
        ),
  ]

  async function switchTo(pin) {
    await desk.flush()
    if (desk.queue.length > 0) return desk.render()
    const body = JSON.stringify({ userId: desk.whoChosen.id, pin })
    const answer = await fetch('/desk/switch', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-csrf-token': desk.csrf },
    }).catch(() => null)
    if (answer?.ok) return location.assign('/desk')
    const told = answer === null ? null : await answer.json().catch(() => null)
    desk.whoTrouble =
      answer === null ? say('offline', { n: 0 }) : answer.status === 401 ? say('wrongPin') : (told?.detail ?? say('wrongPin'))
    desk.render()
  }
})(globalThis.concordDesk)
