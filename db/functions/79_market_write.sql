-- Writes what rules decided: cmd.turns [{variantId, asked?, again?, list, listId, ruleId, termsId, rule, sku, lastId, entryId, waitingId, act, …}] with act step {from, to, offerId, competitor,
-- isAnswer, target, clamp, words}, war {competitor, why, words} or keep; cmd.at: the instant of the decisions. A turn whose rule, last step, entry or stop is another by now is stale:
-- nothing is written, and the SKU is judged anew. Steps become fixed entries of the actor `repricer`; on a list marked four eyes they wait.
-- Answers {"outcome": "done", "steps", "waiting", "wars", "stale", "refused": [{sku, list, outcome}]}.
create or replace function market_steps_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  this timestamptz := (cmd->>'at')::timestamptz;
  valid bigint[];
  stale bigint[];
  item record;
  line record;
  wrote jsonb;
  steps int := 0;
  waiting int := 0;
  wars int := 0;
  refused jsonb := '[]';
begin
  if answer is not null then
    return answer;
  end if;
  -- Nobody else writes prices, rules or stops from here on.
  perform pg_advisory_xact_lock(7312647, 0);
  select coalesce(array_agg(x.ord) filter (where y.holds), '{}'), coalesce(array_agg(distinct (x.t->>'variantId')::bigint) filter (where not y.holds), '{}') into valid, stale
  from jsonb_array_elements(cmd->'turns') with ordinality x(t, ord)
  cross join lateral (select (x.t->>'listId')::bigint as list_id, (x.t->>'variantId')::bigint as variant_id) g
  cross join lateral (select exists (select from market_rule_terms m where m.id = (x.t->>'termsId')::bigint and m.valid_to is null and m.state = 'active')
    and (x.t->>'lastId')::bigint = coalesce((select s.id from market_steps s where s.list_id = g.list_id and s.variant_id = g.variant_id order by s.id desc limit 1), 0)
    and (x.t->>'entryId')::bigint is not distinct from (select e.id from price_entries e where e.list_id = g.list_id and e.scope = 'variant' and e.variant_id = g.variant_id
      and e.min_quantity = 1 and e.valid_from is not null and e.valid_to is null)
    and (x.t->>'waitingId')::bigint is not distinct from (select e.id from price_entries e where e.list_id = g.list_id and e.scope = 'variant' and e.variant_id = g.variant_id
      and e.min_quantity = 1 and e.rule = 'fixed' and e.valid_from is null and e.valid_to is null)
    and (x.t->>'act' = 'keep' or not exists (select from market_stops s where s.rule_id = (x.t->>'ruleId')::bigint and s.variant_id = g.variant_id and s.resumed_at is null)) as holds) y;

  for item in
    select x.t->>'list' as list, jsonb_agg(x.t order by x.ord) as turns
    from jsonb_array_elements(cmd->'turns') with ordinality x(t, ord) where x.ord = any(valid) and x.t->>'act' = 'step' group by 1 order by 1
  loop
    wrote := market_entries(item.list, item.turns);
    for line in select e.t as t, false as alone from jsonb_array_elements(item.turns) e(t) loop
      if wrote->>'outcome' <> 'done' then
        -- One that is refused keeps back no other.
        answer := market_entries(item.list, jsonb_build_array(line.t));
        if answer->>'outcome' <> 'done' then
          refused := refused || jsonb_build_object('sku', line.t->'sku', 'list', item.list, 'outcome', answer->'outcome');
          continue;
        end if;
      else
        answer := wrote;
      end if;
      insert into market_steps (list_id, variant_id, rule_id, terms_id, after_id, at, from_amount, to_amount, offer_id, competitor, is_answer, target, clamp, why, waits)
      values ((line.t->>'listId')::bigint, (line.t->>'variantId')::bigint, (line.t->>'ruleId')::bigint, (line.t->>'termsId')::bigint, (line.t->>'lastId')::bigint, this,
        (line.t->>'from')::numeric, (line.t->>'to')::numeric, (line.t->>'offerId')::bigint, line.t->>'competitor', (line.t->>'isAnswer')::boolean, (line.t->>'target')::numeric,
        line.t->>'clamp', line.t->>'words', (answer->>'waiting')::boolean);
      steps := steps + 1;
      waiting := waiting + (answer->>'waiting')::boolean::int;
    end loop;
  end loop;

  with stopped as (
    insert into market_stops (rule_id, list_id, variant_id, competitor, why, at)
    select (x.t->>'ruleId')::bigint, (x.t->>'listId')::bigint, (x.t->>'variantId')::bigint, x.t->>'competitor', x.t->'why', this
    from jsonb_array_elements(cmd->'turns') with ordinality x(t, ord) where x.ord = any(valid) and x.t->>'act' = 'war'
    returning rule_id, variant_id, competitor, why
  ), told as (
    insert into audit (actor, act, subject, detail)
    select 'repricer', 'market.war', v.sku, s.why || jsonb_build_object('rule', r.code, 'competitor', s.competitor)
    from stopped s join market_rules r on r.id = s.rule_id join variants v on v.id = s.variant_id
  )
  select count(*)::int into wars from stopped;

  -- What was judged is done; what came meanwhile stays. What is stale is judged again at once.
  delete from market_work w using jsonb_array_elements(cmd->'turns') x(t) where w.variant_id = (x.t->>'variantId')::bigint and w.asked = (x.t->>'asked')::bigint and w.variant_id <> all(stale);
  update market_work set taken_until = null where variant_id = any(stale);
  delete from due where what = 'market' and ref_id in (select (x.t->>'variantId')::bigint from jsonb_array_elements(cmd->'turns') x(t)) and ref_id <> all(stale);
  insert into due (at, what, ref_id)
  select min((x.t->>'again')::timestamptz), 'market', (x.t->>'variantId')::bigint from jsonb_array_elements(cmd->'turns') x(t)
  where x.t->>'again' is not null and (x.t->>'variantId')::bigint <> all(stale) group by 3
  on conflict (ref_id) where what = 'market' do update set at = excluded.at;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'steps', steps, 'waiting', waiting, 'wars', wars, 'stale', cardinality(stale), 'refused', refused));
end $$;

-- Steps of one list as fixed entries, each with its reason.
create or replace function market_entries(p_list text, p_turns jsonb) returns jsonb language sql as $$
  select price_list_entries_1(jsonb_build_object('actor', 'repricer', 'list', p_list, 'entries',
    jsonb_agg(jsonb_build_object('sku', x.t->'sku', 'rule', 'fixed', 'value', x.t->'to', 'why', x.t->'words')))) from jsonb_array_elements(p_turns) x(t)
$$;

-- Takes SKUs of which nothing speaks any more off the work. p_variants, p_asked: as they were taken.
create or replace function market_idle_1(p_variants bigint[], p_asked bigint[]) returns void language sql as $$
  with gone as (delete from market_work w using unnest(p_variants, p_asked) x(id, asked) where w.variant_id = x.id and w.asked = x.asked returning w.variant_id)
  delete from due where what = 'market' and ref_id in (select variant_id from gone)
$$;
