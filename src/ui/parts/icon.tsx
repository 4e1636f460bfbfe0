const paths = {
  board: 'M3 4h6v7H3zM11 4h6v4h-6zM11 10h6v6h-6zM3 13h6v3H3z',
  skus: 'M3 6.5 10 3l7 3.5v7L10 17l-7-3.5zM3 6.5l7 3.5 7-3.5M10 10v7',
  stock: 'M3 17V6l7-3 7 3v11M6 17V9.5h8V17M6 12h8M6 14.5h8',
  prices: 'M10.5 3H17v6.5l-7.3 7.3a1 1 0 0 1-1.4 0l-5-5a1 1 0 0 1 0-1.4zM13.6 6.2v.2',
  orders: 'M5 3h10v14l-2-1.5-1.5 1.5-1.5-1.5L8.5 17 7 15.5 5 17zM8 7h4M8 10h4',
  channels:
    'M10 8v4M4.5 15.5 10 12l5.5 3.5M10 4.5a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M4 14.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M16 14.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  done: 'm4.5 10.5 3.5 3.5 7.5-8',
  wait: 'M10 5.5V10l3 2M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14',
  send: 'M4 10h11M11 6l4 4-4 4',
  take: 'M10 4v8M6.5 9l3.5 3.5L13.5 9M4.5 16h11',
  refuse: 'M6 6l8 8M14 6l-8 8',
  warn: 'M10 4 2.8 16.2h14.4zM10 8.5v3.5M10 14.2v.1',
  pause: 'M7.5 5v10M12.5 5v10',
  eye: 'M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5M10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  differ: 'M4 8h12M4 12h12M13 4.5 7 15.5',
  ship: 'M2.5 6h9v8h-9zM11.5 9h3.5l2.5 2.5V14h-6M5.5 16a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M14 16a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3',
  user: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 17c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5',
  out: 'M8 4H4v12h4M8.5 10H17M13.5 6.5 17 10l-3.5 3.5',
  search: 'M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M13 13l3.5 3.5',
  chart: 'M3.5 16.5h13M5 13l3.5-4 3 2.5L16 6',
} as const

export type IconName = keyof typeof paths

/** A line drawing of 20 by 20 in the colour of the text; it never stands without a word beside it, so it is silent for screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
