/** A row of choices as links; one of them is where the person is. */
export function Filters(given: {
  label: string
  current: string
  choices: readonly { readonly value: string; readonly word: string; readonly href: string }[]
}) {
  return (
    <nav class="choices" aria-label={given.label}>
      {given.choices.map(choice => (
        <a href={choice.href} aria-current={choice.value === given.current ? 'true' : undefined}>
          {choice.word}
        </a>
      ))}
    </nav>
  )
}
