/** The words about what the buyer of an order sees and is told, in English. */
export const enBuyer = {
  title: 'The buyer',
  link: 'Page to follow the order',
  noLink: 'No page was made yet.',
  linkHint: 'Whoever has the link sees the page, with the code that goods are handed over against.',
  make: 'Make the page',
  made: 'The page is there.',
  renew: 'New link',
  renewed: 'There is a new link; the old one leads nowhere any more.',
  forgotten: 'The personal data of this buyer were removed.',
}
