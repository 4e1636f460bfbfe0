-- What is under way is found without looking through everything that is published: a lane looks for what was lost of it every five seconds.
-- An older program works on as before.
-- To undo by hand: drop what is created here.

create index publications_sent on publications (account_id, sent_at) where state = 'sent';
