-- What is under way is found without a look at all publications of an account: every lane asks for it every few seconds. Older programs work on.
-- To undo by hand: drop the index.
create index publications_sent on publications (account_id, sent_at) where state = 'sent';
