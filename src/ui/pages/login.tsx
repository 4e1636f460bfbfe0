import { Icon } from '../parts/icon.tsx'
import { Bare, BrandMark } from '../parts/layout.tsx'
import type { View } from '../view.ts'

/** Why the person is shown the login: refused once, told to wait, or sent here from a page. */
export type LoginState = { readonly refused: 'wrong' | 'wait' | null; readonly until: string | null; readonly next: string }

/** The login: one form, no more. It goes to `POST /login` of the API, which comes back here when it refuses. */
export function LoginPage({ view, state }: { view: View; state: LoginState }) {
  const t = view.t.login
  const trouble = state.refused === 'wrong' ? t.wrong : state.refused === 'wait' ? t.tooMany(state.until ?? '') : null
  return (
    <Bare view={view} title={t.title}>
      <div class="login">
        <div class="login-brand">
          <BrandMark />
          <div>
            <h1>{view.t.brand}</h1>
            <p>{view.t.tagline}</p>
          </div>
        </div>
        <form method="post" action="/login" class="form">
          {trouble === null ? null : (
            <div class="flash tone-bad" role="alert">
              <Icon name="warn" />
              <p>{trouble}</p>
            </div>
          )}
          {trouble === null && state.next !== '/' ? <p class="panel-note">{t.expired}</p> : null}
          <input type="hidden" name="next" value={state.next} />
          <label class="field">
            <span class="field-label">{t.email}</span>
            <input type="email" name="email" autocomplete="username" required autofocus maxlength={320} />
          </label>
          <label class="field">
            <span class="field-label">{t.password}</span>
            <input type="password" name="password" autocomplete="current-password" required maxlength={1000} />
          </label>
          <button type="submit" class="main">
            {t.submit}
          </button>
        </form>
        <p class="login-hint">{t.hint}</p>
      </div>
    </Bare>
  )
}
